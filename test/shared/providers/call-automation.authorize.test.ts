import { expect, test } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { findEndpoint } from '../../../shared/delivery/endpoint.ts';
import { createPipeline } from '../../../shared/delivery/pipeline.ts';
import { Outage, reject } from '../../../shared/errors.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { isUnsettled, manualClock } from '../../clock.ts';
import { capturedLog } from '../../support/log.ts';
import { checking } from '../../support/pipeline.ts';
import { development } from '../../support/settings.ts';

const TIMEOUT_SECONDS = 20;
const URL_OF_CALLBACK = 'https://app.example/api/authorize?for=callback';
const body = JSON.stringify({ error: 'unauthorized' });

const settings = readSettings({
  ...development,
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: 'the secret of the tests, of 32 bytes or more',
});
const endpoints = createApp(settings).senders.flatMap((sender) => sender.endpoints);
const endpointOf = (url: string) => findEndpoint(endpoints, 'GET', new URL(url));

/** The response to a sub-request that these checks decide about, and what is logged. */
function asked(url: string, ...checks: readonly Check[]) {
  const clock = manualClock();
  const endpoint = endpointOf(URL_OF_CALLBACK);
  if (!endpoint) throw new Error('there is no endpoint for sub-requests');
  const timed = { leaseSeconds: 8, timeoutSeconds: TIMEOUT_SECONDS, clock };
  const receive = createPipeline({ ...endpoint, checks }, { ledger: memoryLedger(clock), ...timed });
  const captured = capturedLog();
  const headers = new Headers({ 'x-one': 'other', 'content-type': 'text/plain' });
  const response = receive({ url, headers, body: null }, captured.log);
  return { clock, response, entry: () => captured.entries()[0] };
}

test.each([
  ['?for=callback', ['callback-key', 'call-automation-token']],
  ['?for=media', ['media-ticket', 'call-automation-token']],
  ['?for=callback&for=media', ['sub-request']],
  ['?for=another', ['sub-request']],
  ['', ['sub-request']],
])('what the proxy asks for (%j) decides what is checked', (query, checks) => {
  const endpoint = endpointOf(`https://app.example/api/authorize${query}`);
  expect(endpoint?.checks.map(({ name }) => name)).toEqual(checks);
});

test('a sub-request for neither purpose is refused', async () => {
  const { response, entry } = asked(
    'https://app.example/api/authorize',
    ...(endpointOf('https://app.example/api/authorize')?.checks ?? []),
  );
  expect(await response).toMatchObject({ status: 401, body });
  expect(entry()).toMatchObject({ reason: 'sub-request-purpose', verdict: 'rejected' });
});

test('what is verified is let through with 204, and the log entry says who it was', async () => {
  let received: Parameters<Check['run']>[0] | undefined;
  const check = checking('one', async (request) => {
    received = request;
    return { reference: 'reference' };
  });
  const { response, entry } = asked(URL_OF_CALLBACK, check);
  expect(await response).toEqual({ status: 204 });
  expect(String(received?.url)).toBe(URL_OF_CALLBACK);
  expect(received?.headers.get('x-one')).toBe('other');
  expect(received?.body).toHaveLength(0);
  expect(entry()).toMatchObject({
    delivery: 'perimeter',
    route: 'authorize',
    verdict: 'accepted',
    status: 204,
    reference: 'reference',
    stages: { checks: 0 },
    checks: { one: 0 },
  });
});

test.each<[string, Check['run'], number, string, string]>([
  ['is refused', async () => reject('token-signature'), 401, 'token-signature', 'rejected'],
  [
    'cannot be told',
    async () => {
      throw new Outage('keys-unavailable');
    },
    503,
    'keys-unavailable',
    'unavailable',
  ],
  [
    'makes a check throw',
    async () => {
      throw new TypeError('unforeseen');
    },
    401,
    'check-threw',
    'rejected',
  ],
])('what %s is not let through', async (_what, run, status, reason, verdict) => {
  const { response, entry } = asked(URL_OF_CALLBACK, checking('one', run));
  expect(await response).toMatchObject({ status, ...(status === 401 && { body }) });
  expect(entry()).toMatchObject({ status, reason, verdict });
});

test('a proxy waits no longer than the timeout', async () => {
  const { clock, response, entry } = asked(
    URL_OF_CALLBACK,
    checking('one', () => new Promise(() => {})),
  );
  await clock.advance(TIMEOUT_SECONDS * 1000 - 1);
  expect(await isUnsettled(response)).toBe(true);
  await clock.advance(1);
  expect(await response).toMatchObject({ status: entry()?.status });
  expect((await response).status).toBeGreaterThanOrEqual(400);
});

test('what fails before any check is the sender’s doing', async () => {
  const { response, entry } = asked(
    'no url',
    checking('one', async () => ({})),
  );
  expect(await response).toMatchObject({ status: 401 });
  expect(entry()).toMatchObject({ reason: 'check-threw', verdict: 'rejected' });
});
