import { expect, test } from 'vitest';
import { sampleBody, newVonage } from '../../../local/providers/vonage/project.ts';
import { createPipeline } from '../../../shared/delivery/pipeline.ts';
import { Outage, reject } from '../../../shared/errors.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import type { Check } from '../../../shared/verification/check.ts';
import { systemClock } from '../../../shared/clock.ts';
import { endpointOf } from '../../support/endpoints.ts';
import { capturedLog } from '../../support/log.ts';
import { accepting, callEvent, checking, pipelineOf } from '../../support/pipeline.ts';

// The Functions host passes on a body only where a length is declared. The headers of a chunked one arrive alone.
const chunked = (headers: Record<string, string> = {}, text?: string) => ({
  url: 'https://app.example/api/callbacks/call-automation',
  headers: new Headers({ 'transfer-encoding': 'chunked', ...headers }),
  body: text === undefined ? null : new Response(text).body,
});

test('a chunked body is unavailable, so that the sender retries, and the log names a proxy as the cause', async () => {
  const { response, entry, entries } = await pipelineOf().deliver(chunked());
  expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  expect(entry).toMatchObject({ verdict: 'unavailable', reason: 'body-chunked' });
  expect(entry?.why).toContain('proxy');
  expect(entries()).toHaveLength(1);
  const incoming = await pipelineOf({ unavailableStatus: 504 }).deliver(chunked());
  expect([incoming.status, incoming.entry?.reason]).toEqual([504, 'body-chunked']);
});

test('other refusals say no more than their reason', async () => {
  const { entry } = await pipelineOf({
    checks: [checking('no', async () => reject('token-missing'))],
  }).deliver(chunked());
  expect(entry).not.toHaveProperty('why');
});

test('a content type that is not accepted is not looked at: there is no content', async () => {
  const { status } = await pipelineOf().deliver(chunked({ 'content-type': 'text/plain' }));
  expect(status).toBe(503);
});

test('where the platform passes a chunked body on, it is handled', async () => {
  const { status } = await pipelineOf().deliver(chunked({}, JSON.stringify([callEvent()])));
  expect(status).toBe(200);
});

test('an empty body that was not chunked is no JSON', async () => {
  const request = { ...chunked(), headers: new Headers({ 'content-length': '0' }) };
  const { status, entry } = await pipelineOf().deliver(request);
  expect([status, entry?.reason]).toEqual([400, 'not-json']);
});

const refusing = checking('refusing', async () => reject('token-signature'));
const outage = checking('outage', () => Promise.reject(new Outage('keys-unavailable')));
const ofBody = (check: Check): Check => ({ ...check, needsBody: true });

test.each<[string, readonly Check[], string]>([
  ['a check that refuses', [accepting, refusing], 'token-signature'],
  ['an outage', [outage], 'keys-unavailable'],
  ['a check that refuses before one of the body', [refusing, ofBody(accepting)], 'token-signature'],
  ['a check of the body', [accepting, ofBody(refusing)], 'body-chunked'],
  ['a check of the body and one behind it', [ofBody(refusing), refusing], 'body-chunked'],
])(
  'it is decided after the checks that need no body and before any that does: %s',
  async (_what, checks, reason) => {
    expect((await pipelineOf({ checks }).deliver(chunked())).entry?.reason).toBe(reason);
  },
);

test('a request without events needs no body', async () => {
  const endpoint = endpointOf('GET /api/authorize?for=callback');
  const receive = createPipeline(
    { ...endpoint, checks: [accepting] },
    { ledger: memoryLedger(systemClock), leaseSeconds: 8, timeoutSeconds: 20, clock: systemClock },
  );
  expect(await receive(chunked(), capturedLog().log)).toEqual({ status: 204 });
});

test.each([
  ['genuine', 'the secret of the tests, of 32 bytes or more', 503, 'body-chunked'],
  ['forged', 'another secret, also of 32 bytes or more', 401, 'token-signature'],
])(
  'a Vonage callback whose token is %s and whose body came chunked',
  async (_what, secret, status, reason) => {
    const settings = {
      VONAGE_PROJECTS: '12345678',
      SECRET_VONAGE_12345678: 'the secret of the tests, of 32 bytes or more',
    };
    const vonage = newVonage({ secretOf: () => secret, project: { apiKey: '12345678' } });
    const { headers } = vonage.callback('https://app.example', 'archive', sampleBody('archive'));
    const endpoint = endpointOf('POST /api/callbacks/vonage/archive', { settings, clock: systemClock });
    const { log, entries } = capturedLog();
    const receive = createPipeline(endpoint, {
      ledger: memoryLedger(systemClock),
      leaseSeconds: 8,
      timeoutSeconds: 20,
      clock: systemClock,
    });
    const answer = await receive(chunked(Object.fromEntries(headers)), log);
    expect([answer.status, entries()[0]?.reason]).toEqual([status, reason]);
  },
);
