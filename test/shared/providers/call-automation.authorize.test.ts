import { expect, test } from 'vitest';
import { answerSubRequest } from '../../../shared/delivery/sub-request.ts';
import { Outage } from '../../../shared/errors.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { reject } from '../../../shared/verification/check.ts';
import { isPending, manualClock } from '../../clock.ts';
import { checking } from '../../support/door.ts';
import { capturedLog } from '../../support/log.ts';

const TIMEOUT = 20;
const body = JSON.stringify({ error: 'unauthorized' });

/** What a proxy is answered that asks for these checks, and what is written of it. */
function asked(...checks: Check[]) {
  const clock = manualClock();
  const seen: URL[] = [];
  const answer = answerSubRequest({
    route: 'authorize',
    checksFor: (url) => {
      seen.push(url);
      return checks;
    },
    timeoutSeconds: TIMEOUT,
    clock,
  });
  const captured = capturedLog();
  const url = 'https://app.example/api/authorize?for=callback';
  const answered = answer(new Request(url, { headers: { 'x-one': 'other' } }), captured.log);
  return { clock, seen, answered, line: () => captured.lines()[0] };
}

test('what proves itself is let through with 204, and its line says who it was', async () => {
  let received: Parameters<Check['run']>[0] | undefined;
  const check = checking('one', (request) => {
    received = request;
    return { reference: 'reference' };
  });
  const { answered, line, seen } = asked(check);
  expect(await answered).toEqual({ status: 204 });
  expect(seen.map(String)).toEqual(['https://app.example/api/authorize?for=callback']);
  expect(String(received?.url)).toBe(String(seen[0]));
  expect(received?.headers.get('x-one')).toBe('other');
  expect(received?.body).toHaveLength(0);
  expect(line()).toMatchObject({
    delivery: 'perimeter',
    route: 'authorize',
    verdict: 'accepted',
    status: 204,
    reference: 'reference',
    stages: { checks: 0 },
    checks: [{ name: 'one', outcome: 'accepted' }],
  });
});

test.each<[string, Check['run'], number, string, string]>([
  ['is refused', () => reject('token-signature'), 401, 'token-signature', 'rejected'],
  [
    'cannot be told',
    () => {
      throw new Outage('keys-unavailable');
    },
    503,
    'keys-unavailable',
    'unavailable',
  ],
  [
    'makes a check throw',
    () => {
      throw new TypeError('unforeseen');
    },
    401,
    'check-threw',
    'rejected',
  ],
])('what %s is not let through', async (_what, run, status, reason, verdict) => {
  const { answered, line } = asked(checking('one', run));
  expect(await answered).toMatchObject({ status, ...(status === 401 && { body }) });
  expect(line()).toMatchObject({ status, reason, verdict });
});

test('a proxy is not let wait for longer than the time-out', async () => {
  const { clock, answered, line } = asked(checking('one', () => new Promise(() => {})));
  await clock.advance(TIMEOUT * 1000 - 1);
  expect(await isPending(answered)).toBe(true);
  await clock.advance(1);
  expect(await answered).toMatchObject({ status: line()?.status });
  expect((await answered).status).toBeGreaterThanOrEqual(400);
});

test('what fails before any check is the sender’s doing', async () => {
  const clock = manualClock();
  const answer = answerSubRequest({
    route: 'authorize',
    checksFor: () => {
      throw new TypeError('unforeseen');
    },
    timeoutSeconds: TIMEOUT,
    clock,
  });
  const captured = capturedLog();
  expect(await answer(new Request('https://app.example/api/authorize'), captured.log)).toMatchObject({
    status: 401,
  });
  expect(captured.lines()[0]).toMatchObject({ reason: 'check-threw', verdict: 'rejected' });
});
