import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgeries } from '../../local/forgeries.ts';
import type { Forgery } from '../../local/forgeries/forgery.ts';
import { callback, genuine } from '../../local/played-call.ts';
import { post } from '../../local/request.ts';
import type { OutgoingRequest } from '../../local/request.ts';
import { newCall } from '../../local/stand-ins/call.ts';
import { stageWithTestHandlers, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// The table of attacks against the staged bundle, and then its log: what an operator may read, an attacker may as well.
let app: StagedApp;
const sent: OutgoingRequest[] = [];
const results = new Map<string, { status: number; reason: unknown; handled: number }>();

beforeAll(async () => {
  app = await startStaged(await stageWithTestHandlers());
  // All at once, so that those which wait for the issuer or the vault wait together.
  await Promise.all(forgeries.map(async (forgery) => results.set(forgery.name, await attempt(forgery))));
});
afterAll(() => app.stop());

async function attempt({ afterGenuine, forge }: Forgery) {
  const event = newCall().event('CallConnected');
  const original = callback(app.acs, await app.callbackUri(), [event]);
  if (afterGenuine) await post(original);
  const before = handlings(event.id);
  const request = forge(genuine(app, original));
  sent.push(request);
  const { status, headers } = await post(request);
  const { reason } = await app.lineOf(String(headers['x-ms-invocation-id']));
  return { status, reason, handled: handlings(event.id) - before };
}

const handlings = (eventId: string) => app.logged.filter(({ message }) => message.includes(eventId)).length;

test.each(forgeries)('$name is refused as $expected.reason', ({ name, expected }) => {
  expect(results.get(name)).toEqual({ ...expected, handled: 0 });
});

test('the forgeries together made the app ask the issuer and the vault once more, and no more', () => {
  expect(app.acs.fetches().keys).toBe(2);
  expect(app.azure.vault.requests().filter((path) => path.endsWith('/versions'))).toHaveLength(2);
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

  const secrets = new Set([String(app.callbackSecret.secret), ...sent.flatMap(secretsOf)]);
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
