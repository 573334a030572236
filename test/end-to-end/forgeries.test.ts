import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgeries } from '../../local/forgeries.ts';
import { callback, genuine } from '../../local/played-call.ts';
import { post } from '../../local/request.ts';
import type { OutgoingRequest } from '../../local/request.ts';
import { newCall } from '../../local/stand-ins/call.ts';
import { stageWithTestHandlers, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// The table of attacks against the staged bundle, and then its log: what an operator may read, an attacker may as well.
let app: StagedApp;
const sent: OutgoingRequest[] = [];

beforeAll(async () => {
  app = await startStaged(await stageWithTestHandlers());
});
afterAll(() => app.stop());

test.concurrent.each(forgeries)('$name is refused as $expected.reason', async ({ expected, forge }) => {
  const event = newCall().event('CallConnected');
  const request = forge(genuine(app, callback(app.acs, await app.callbackUri(), [event])));
  sent.push(request);
  const { status, headers } = await post(request);
  const line = await app.lineOf(String(headers['x-ms-invocation-id']));
  expect({ status, reason: line.reason }).toEqual(expected);
  expect(app.logged.some(({ message }) => message.includes(event.id))).toBe(false);
});

test('the forgeries together made the app ask the issuer once more, and no more', () => {
  expect(app.acs.fetches()['/calling/keys']).toBe(2);
});

test('no line of the log holds a token, a key, the secret or a body', async () => {
  const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
  const withHandlerError = callback(app.acs, await app.callbackUri(), [
    newCall().event('CallConnected', { operationContext: 'throw' }),
  ]);
  for (const one of [request, withHandlerError]) {
    sent.push(one);
    await post(one);
  }
  const log = app.logged.map(({ message }) => message).join('\n');
  expect(log.split('\n').length).toBeGreaterThan(forgeries.length);

  const secrets = new Set([app.callbackSecret, ...sent.flatMap(secretsOf)]);
  expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
});

/** What must not be seen of a request: every part of its token and key that is not public, and its body's data. */
function secretsOf({ url, headers, body }: OutgoingRequest): string[] {
  const tokens = headers
    .filter(([name]) => name.startsWith('auth'))
    .flatMap(([, value]) => value.split(/[ .,\t]/))
    .filter((part) => part.length > 20);
  const keys = [...new URL(url).searchParams.values()].flatMap((value) => [
    value,
    value.split('.').at(-1) ?? '',
  ]);
  const data = /"serverCallId":"([^"]+)"/.exec(String(body))?.[1];
  return [...tokens, ...keys.filter((key) => key.length > 20), ...(data ? [data] : [])];
}
