import { expect, test } from 'vitest';
import { isPending } from '../../clock.ts';
import { json, keysOf, silence } from '../../support/issuer.ts';
import { OUTAGE, UNKNOWN, keySetOnLoopback, signingKey } from '../../support/key-set.ts';

const COOL_DOWN = 10_000;

/** A set that was fetched once, a moment or a whole cool-down ago. */
async function fetched(secondsAgo: number) {
  const set = await keySetOnLoopback();
  await set.keys.warm();
  await set.clock.advance(secondsAgo * 1000);
  return set;
}

test('a hundred unknown key ids at once cause one refresh, and are refused after it', async () => {
  const { issuer, askTimes } = await fetched(10);
  expect(new Set(await askTimes(100, (index) => `forged-${index}`))).toEqual(new Set([UNKNOWN]));
  expect(issuer.requests()).toEqual(['/configuration', '/keys', '/keys']);
});

test('unknown key ids cause one refresh in ten seconds, however many come and whenever', async () => {
  const { clock, issuer, askTimes } = await fetched(0);
  for (let refreshes = 1; refreshes <= 6; refreshes++) {
    const early = askTimes(20, (index) => `forged-${index}`);
    await clock.advance(COOL_DOWN - 1);
    const late = askTimes(20, (index) => ['__proto__', 'constructor', ''][index] ?? 'toString');
    expect(await isPending(early)).toBe(true);
    await clock.advance(1);
    expect(new Set([...(await early), ...(await late)])).toEqual(new Set([UNKNOWN]));
    expect(issuer.requests()).toHaveLength(2 + refreshes);
  }
});

test('a genuine rotation right after a fetch is accepted as soon as the cool-down has passed', async () => {
  const { clock, issuer, ask } = await fetched(0);
  issuer.at('/keys', keysOf(await signingKey('new'), await signingKey('old')));
  const rotated = ask('new');
  await clock.advance(COOL_DOWN - 1);
  expect(await isPending(rotated)).toBe(true);
  expect(issuer.requests()).toHaveLength(2);
  await clock.advance(1);
  expect(await rotated).toBe('found');
  expect(issuer.requests()).toHaveLength(3);
});

test('known keys are served at once while others wait for the cool-down', async () => {
  const { clock, ask } = await fetched(0);
  const waiting = ask('forged');
  expect(await ask('old')).toBe('found');
  await clock.advance(COOL_DOWN);
  expect(await waiting).toBe(UNKNOWN);
});

test('a hundred may wait for the cool-down; the next is refused at once, and there is room again afterwards', async () => {
  const { clock, issuer, ask, askTimes } = await fetched(0);
  const waiting = askTimes(100, (index) => `forged-${index}`);
  expect(await isPending(waiting)).toBe(true);
  expect(await ask('one-too-many')).toBe(UNKNOWN);
  expect(await ask('old')).toBe('found');

  issuer.at('/keys', keysOf(await signingKey('new')));
  await clock.advance(COOL_DOWN);
  expect(new Set(await waiting)).toEqual(new Set([UNKNOWN]));
  expect(issuer.requests()).toHaveLength(3);

  const again = askTimes(100, 'forged');
  expect(await isPending(again)).toBe(true);
  await clock.advance(COOL_DOWN);
  expect(new Set(await again)).toEqual(new Set([UNKNOWN]));
});

test('those who gave up waiting leave their places', async () => {
  const { ask } = await fetched(0);
  const controller = new AbortController();
  const gone = Array.from({ length: 100 }, () => ask('forged', controller.signal));
  controller.abort();
  expect(new Set(await Promise.all(gone))).toEqual(new Set([UNKNOWN]));
  expect(await isPending(ask('forged'))).toBe(true);
});

test('an unknown key id is no proof of anything when the refresh fails', async () => {
  const { issuer, ask } = await fetched(10);
  issuer.at('/keys', json({}, 503));
  expect(await ask('new')).toBe(OUTAGE);
  expect(await ask('old')).toBe('found');
});

test('during an outage unknown key ids are told of it at once, and cause no more requests than the back-off allows', async () => {
  const { clock, issuer, ask, askTimes } = await fetched(10);
  issuer.at('/keys', json({}, 503));
  issuer.at('/configuration', json({}, 503, { 'retry-after': '60' }));
  expect(await ask('new')).toBe(OUTAGE);
  const attempts: number[] = [];
  for (let second = 1; second <= 90; second++) {
    await clock.advance(1000);
    const before = issuer.requests().length;
    expect(new Set(await askTimes(20, (index) => `forged-${second}-${index}`))).toEqual(new Set([OUTAGE]));
    if (issuer.requests().length > before) attempts.push(second);
  }
  // The second attempt is told to come after a minute.
  expect(attempts).toEqual([10, 70]);
});

test('a refresh that was under way before the request came does not decide about it', async () => {
  const { clock, issuer, keys, ask } = await fetched(10);
  const before = Promise.withResolvers<void>();
  const old = await signingKey('old');
  issuer.at('/keys', (request, response) => void before.promise.then(() => keysOf(old)(request, response)));
  const underWay = keys.warm();
  await issuer.arrived(3);
  issuer.at('/keys', keysOf(await signingKey('new')));
  const rotated = ask('new');
  before.resolve();
  await underWay;
  expect(await isPending(rotated)).toBe(true);
  await clock.advance(COOL_DOWN);
  expect(await rotated).toBe('found');
});

test.each([
  ['the cool-down', 0],
  ['the issuer', 10],
])(
  'an unknown key id that a deadline leaves no time to wait for %s is refused, so that nobody can forge an outage',
  async (_what, secondsAgo) => {
    const { issuer, ask } = await fetched(secondsAgo);
    issuer.at('/keys', silence);
    const controller = new AbortController();
    const answer = ask('new', controller.signal);
    expect(await isPending(answer)).toBe(true);
    controller.abort(new TypeError('of somebody else'));
    expect(await answer).toBe(UNKNOWN);
  },
);

test('a deadline that ran out before refuses an unknown key id, and costs no fetch', async () => {
  const { issuer, ask } = await fetched(0);
  expect(await ask('new', AbortSignal.abort())).toBe(UNKNOWN);
  expect(issuer.requests()).toHaveLength(2);
});

test('a deadline that cuts the wait short is an outage where a refresh has failed before', async () => {
  const { clock, issuer, ask } = await fetched(10);
  issuer.at('/keys', json({}, 503));
  expect(await ask('new')).toBe(OUTAGE);
  issuer.at('/configuration', silence);
  await clock.advance(COOL_DOWN);
  const controller = new AbortController();
  const answer = ask('new', controller.signal);
  expect(await isPending(answer)).toBe(true);
  controller.abort();
  expect(await answer).toBe(OUTAGE);
});

test('a deadline of ours that runs out while a cold set is fetched is an outage', async () => {
  const { issuer, ask } = await keySetOnLoopback();
  issuer.at('/configuration', silence);
  const controller = new AbortController();
  const answer = ask('old', controller.signal);
  await issuer.arrived(1);
  controller.abort();
  expect(await answer).toBe(OUTAGE);
});

test('one who gives up does not take the fetch away from the others', async () => {
  const { issuer, ask } = await keySetOnLoopback();
  const controller = new AbortController();
  const impatient = ask('old', controller.signal);
  const patient = ask('old');
  controller.abort();
  expect(await impatient).toBe(OUTAGE);
  expect(await patient).toBe('found');
  expect(issuer.requests()).toHaveLength(2);
});
