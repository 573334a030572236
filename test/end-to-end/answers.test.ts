import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callback } from '../../local/providers/call-automation/requests.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import { stageWithTestHandlers, startAiling, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// The staged bundle, served through the real library: every status that the Call Automation route can give, in the
// order in which they are decided.
const TOO_LARGE = `[${' '.repeat(1024 * 1024)}]`;
let staged: string;

beforeAll(async () => {
  staged = await stageWithTestHandlers();
});

describe('the Call Automation route', () => {
  let app: StagedApp;

  beforeAll(async () => {
    app = await startStaged(staged);
  });
  afterAll(() => app.stop());

  async function genuine(events: readonly unknown[]): Promise<OutgoingRequest> {
    return callback(app.acs, await app.callbackUri(), events);
  }
  const event = (operationContext?: string) =>
    newCall().event('CallConnected', operationContext ? { operationContext } : {});
  const without = (request: OutgoingRequest, name: string) => ({
    ...request,
    headers: request.headers.filter(([header]) => header !== name),
  });
  const as = (request: OutgoingRequest, contentType: string): OutgoingRequest => ({
    ...request,
    headers: [...without(request, 'content-type').headers, ['content-type', contentType]],
  });

  test('a genuine event is handled and answered 200 with no body', async () => {
    const { status, body } = await app.post(await genuine([event()]));
    expect([status, body]).toEqual([200, '']);
  });

  test('the same event again is answered 200 and not handled again', async () => {
    const one = event();
    await app.post(await genuine([one]));
    expect(await app.post(await genuine([one]))).toMatchObject({ status: 200 });
    expect(started(app, one.id)).toBe(1);
  });

  test('every event of an array is handled, in its order', async () => {
    const events = [event(), event(), event()];
    expect(await app.post(await genuine(events))).toMatchObject({ status: 200 });
    const ids = app.logged.map(({ message }) => /^started (\S+)/.exec(message)?.[1]);
    expect(ids.filter((id) => events.some((one) => one.id === id))).toEqual(events.map(({ id }) => id));
  });

  test('an event that no handler is for is answered 200', async () => {
    expect(await app.post(await genuine([newCall().event('PlayFailed')]))).toMatchObject({ status: 200 });
  });

  test('an event of a type that nobody knows yet is answered 200', async () => {
    const unknown = { ...event(), type: 'Microsoft.Communication.Invented' };
    expect(await app.post(await genuine([unknown]))).toMatchObject({ status: 200 });
  });

  test('size goes first: too large is 413 though nothing else is right', async () => {
    const forged = without({ ...(await genuine([])), body: TOO_LARGE }, 'authorization');
    expect(await app.post(forged)).toMatchObject({ status: 413, body: '{"error":"payload too large"}' });
  });

  test('then the checks: no token is 401 though the content type and the body are wrong', async () => {
    const forged = as(without({ ...(await genuine([])), body: '{' }, 'authorization'), 'text/plain');
    expect(await app.post(forged)).toMatchObject({
      status: 401,
      body: '{"error":"unauthorized"}',
      headers: { 'www-authenticate': 'Bearer', 'content-type': 'application/json' },
    });
  });

  test('then the content type: 415 though the body is wrong', async () => {
    const wrong = as({ ...(await genuine([])), body: '{' }, 'text/plain');
    expect(await app.post(wrong)).toMatchObject({ status: 415, body: '{"error":"unsupported media type"}' });
  });

  test('no content type at all passes', async () => {
    expect(await app.post(without(await genuine([event()]), 'content-type'))).toMatchObject({ status: 200 });
  });

  test.each(['{', '', '[]', '{}', 'null', '"text"', '[1]', '[{"id":1}]', '\uFEFF[]'])(
    'then the envelope: %j is 400',
    async (body) => {
      expect(await app.post({ ...(await genuine([])), body })).toMatchObject({
        status: 400,
        body: '{"error":"bad request"}',
      });
    },
  );

  test('then the claim: an event that is being handled elsewhere is 503 with Retry-After', async () => {
    const call = newCall();
    const connected = call.event('CallConnected', { operationContext: 'wait-for-disconnect' });
    const first = app.post(await genuine([connected]));
    await expect.poll(() => started(app, connected.id)).toBe(1);

    expect(await app.post(await genuine([connected]))).toMatchObject({
      status: 503,
      body: '{"error":"unavailable"}',
      headers: { 'retry-after': '5' },
    });
    await app.post(await genuine([call.event('CallDisconnected')]));
    expect(await first).toMatchObject({ status: 200 });
    expect(started(app, connected.id)).toBe(1);
  });

  test('then the handler: one that throws is 500, and the redelivery is handled', async () => {
    const one = event('throw-once');
    expect(await app.post(await genuine([one]))).toMatchObject({
      status: 500,
      body: '{"error":"internal error"}',
    });
    expect(await app.post(await genuine([one]))).toMatchObject({ status: 200 });
    expect(started(app, one.id)).toBe(2);
  });

  test('of several events one that throws makes it 500, and the redelivery handles only that one', async () => {
    const [good, bad, better] = [event(), event('throw-once'), event()];
    expect(await app.post(await genuine([good, bad, better]))).toMatchObject({ status: 500 });
    expect(await app.post(await genuine([good, bad, better]))).toMatchObject({ status: 200 });
    expect([good, bad, better].map(({ id }) => started(app, id))).toEqual([1, 2, 1]);
  });

  test('another method finds no route', async () => {
    const response = await fetch(await app.callbackUri());
    expect(response.status).toBe(404);
  });
});

// The first of these waits for its handlers, so the others run beside it.
describe.concurrent('settings that change the answer', () => {
  test('a handler that outlasts HANDLER_TIMEOUT_SECONDS is 503, whether it heeds the signal or not', async () => {
    const app = await startStaged(staged, { HANDLER_TIMEOUT_SECONDS: '2' });
    try {
      const contexts = ['heed-the-signal', 'wait-for-disconnect'];
      const events = contexts.map((operationContext) =>
        newCall().event('CallConnected', { operationContext }),
      );
      const uri = await app.callbackUri();
      const replies = await Promise.all(events.map((event) => app.post(callback(app.acs, uri, [event]))));
      expect(replies.map(({ status }) => status)).toEqual([503, 503]);

      // The one that did not heed the signal is still at work.
      const still = await app.post(callback(app.acs, uri, [events[1]]));
      expect([still.status, ...events.map(({ id }) => started(app, id))]).toEqual([503, 1, 1]);
    } finally {
      await app.stop();
    }
  });

  test('a foreign source address is 403 where it is enforced, before anything else is looked at', async () => {
    const app = await startStaged(staged, { SOURCE_ADDRESSES: 'enforce', SOURCE_ADDRESS_RANGES: '' });
    try {
      const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
      const spoofed = ['x-forwarded-for', '52.112.0.1'] as const;
      const replies = [
        await app.post(request),
        await app.post({ ...request, headers: [...request.headers, spoofed] }),
        await app.post({ ...request, headers: [] }),
      ];
      expect(replies.map(({ status, body }) => [status, body])).toEqual(
        Array.from({ length: 3 }, () => [403, '{"error":"forbidden"}']),
      );
    } finally {
      await app.stop();
    }
  });

  test('the keys of the issuer not being there is 503, not 401', async () => {
    const app = await startAiling(staged, { ACS_OPENID_CONFIGURATION_URL: 'http://127.0.0.1:9/none' });
    try {
      const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
      expect(await app.post(request)).toMatchObject({ status: 503, body: '{"error":"unavailable"}' });
    } finally {
      await app.stop();
    }
  });
});

function started(app: StagedApp, eventId: string): number {
  return app.logged.filter(({ message }) => message.startsWith(`started ${eventId} `)).length;
}
