import { expect, test } from 'vitest';
import { belongTo, json, keysOf } from '../../support/issuer.ts';
import type { Reply } from '../../support/issuer.ts';
import { OUTAGE, UNCONFIRMED, UNKNOWN, keySetOnLoopback, signingKey } from '../../support/key-set.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

test('fifty concurrent calls of a cold set share one discovery and one fetch of the keys', async () => {
  const { issuer, askTimes } = await keySetOnLoopback();
  expect(new Set(await askTimes(50, 'old'))).toEqual(new Set(['found']));
  expect(issuer.requests()).toEqual(['/configuration', '/keys']);
});

test('a key that is not listed is refused by a cold set after that one fetch', async () => {
  const { issuer, ask } = await keySetOnLoopback();
  expect(await ask('other')).toBe(UNKNOWN);
  expect(issuer.requests()).toEqual(['/configuration', '/keys']);
});

test('a warmed set serves its first request without the issuer', async () => {
  const { issuer, keys, ask } = await keySetOnLoopback();
  await keys.warm();
  await issuer.stop();
  expect(await ask('old')).toBe('found');
});

test('warming never throws, and the first request tries again when its turn has come', async () => {
  const { clock, issuer, keys, ask, noted } = await keySetOnLoopback();
  await issuer.stop();
  await keys.warm();
  expect(noted.map(({ level, event }) => [level, event])).toEqual([['warn', 'keys-refresh-failed']]);
  await issuer.start();
  await clock.advance(10_000);
  expect(await ask('old')).toBe('found');
});

test('the found key is the one that the issuer lists under that id', async () => {
  const { issuer, keys } = await keySetOnLoopback();
  issuer.at('/keys', keysOf(await signingKey('old'), await signingKey('new')));
  const found = await keys.find('new', new AbortController().signal);
  expect(await belongTo(found, await signingKey('new'))).toBe(true);
  expect(await belongTo(found, await signingKey('old'))).toBe(false);
});

test('the age is that of the last successful fetch, on the clock that never steps', async () => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback();
  expect(keys.age()).toBeUndefined();
  await keys.warm();
  await clock.advance(30 * MINUTE);
  clock.step(-86_400);
  issuer.at('/keys', json({}, 503));
  await ask('old');
  expect(keys.age()).toBe(1800);
});

/** Holds every answer of a reply back until it is let go. */
function held(reply: Reply): { reply: Reply; letGo: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { reply: (request, response) => void promise.then(() => reply(request, response)), letGo: resolve };
}

test('keys older than ten minutes serve at once while they are fetched again in the background', async () => {
  const { clock, issuer, keys, ask, askTimes, idle } = await keySetOnLoopback();
  await keys.warm();
  await clock.advance(10 * MINUTE);
  await ask('old');
  await idle();
  expect(issuer.requests()).toHaveLength(2);

  const fresh = held(keysOf(await signingKey('new')));
  issuer.at('/keys', fresh.reply);
  await clock.advance(1);
  // Answered although the issuer has not answered yet.
  expect(new Set(await askTimes(20, 'old'))).toEqual(new Set(['found']));
  await issuer.arrived(3);

  const refreshed = keys.warm();
  fresh.letGo();
  await refreshed;
  expect(await ask('new')).toBe('found');
  expect(issuer.requests()).toEqual(['/configuration', '/keys', '/keys']);
});

test('an unknown key waits for the refresh that its own request began in the background', async () => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback();
  await keys.warm();
  await clock.advance(11 * MINUTE);
  issuer.at('/keys', keysOf(await signingKey('new')));
  expect(await ask('new')).toBe('found');
  expect(issuer.requests()).toHaveLength(3);
});

test('a request to a cold set joins a fetch that is under way', async () => {
  const { clock, issuer, keys, ask, idle } = await keySetOnLoopback();
  const right = keysOf(await signingKey('old'));
  issuer.at('/keys', json({}, 503));
  expect(await ask('old')).toBe(OUTAGE);
  issuer.at('/keys', right);
  await keys.warm();
  expect(keys.isAvailable()).toBe(false);
  await clock.advance(15_000);
  const warming = keys.warm();
  expect(await ask('old')).toBe('found');
  await Promise.all([warming, idle()]);
});

test('after twenty idle minutes the refresh is awaited, so that a key withdrawn meanwhile is not accepted', async () => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback();
  await keys.warm();
  issuer.at('/keys', keysOf(await signingKey('new')));
  await clock.advance(20 * MINUTE + 1);
  expect(await ask('old')).toBe(UNKNOWN);
  expect(await ask('new')).toBe('found');
  expect(issuer.requests()).toHaveLength(3);
});

test('a key removed at the issuer is dropped with the next successful fetch, and not before', async () => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback();
  await keys.warm();
  issuer.at('/keys', json({}, 503));
  await keys.warm();
  expect(await ask('old', AbortSignal.abort())).toBe('found');
  issuer.at('/keys', keysOf(await signingKey('new')));
  await clock.advance(10_000);
  await keys.warm();
  expect(await ask('new', AbortSignal.abort())).toBe('found');
  expect(await ask('old', AbortSignal.abort())).toBe(UNCONFIRMED);
  expect(await ask('old')).toBe(UNKNOWN);
});

test.each([DAY, -DAY, 400 * DAY])('a wall clock that steps by %d ms changes nothing', async (step) => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback();
  await keys.warm();
  clock.step(step / 1000);
  expect(await ask('old')).toBe('found');
  expect(keys.age()).toBe(0);
  expect(issuer.requests()).toHaveLength(2);
  await clock.advance(20 * MINUTE + 1);
  clock.step(-step / 1000);
  expect(await ask('old')).toBe('found');
  expect(issuer.requests()).toHaveLength(3);
});

test('two keys under one id are both handed over', async () => {
  const { issuer, keys } = await keySetOnLoopback();
  const [old, other] = [await signingKey('old'), await signingKey('new')];
  issuer.at('/keys', json({ keys: [old.jwk, { ...other.jwk, kid: 'old' }] }));
  const found = await keys.find('old', new AbortController().signal);
  expect(await belongTo(found, old)).toBe(true);
  expect(await belongTo(found, other)).toBe(true);
});
