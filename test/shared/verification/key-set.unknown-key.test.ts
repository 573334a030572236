import { expect, test } from 'vitest';
import { isUnsettled } from '../../clock.ts';
import { json, keysOf, silence } from '../../support/issuer.ts';
import { OUTAGE, UNCONFIRMED, UNKNOWN, keySetOnLoopback, signingKey } from '../../support/key-set.ts';

const COOL_DOWN = 10_000;
/** The longest that anybody waits. */
const WAIT = 2000;

/** A set that was fetched once, as every instance does at its start. */
async function fetched() {
  const set = await keySetOnLoopback();
  await set.keys.warm();
  return set;
}

/** The same, after an unknown key id caused a fetch a moment ago. */
async function coolingDown() {
  const set = await fetched();
  expect(await set.ask('forged')).toBe(UNKNOWN);
  return set;
}

test('a hundred unknown key ids at once cause one refresh, and are refused after it', async () => {
  const { issuer, askTimes } = await fetched();
  expect(new Set(await askTimes(100, (index) => `forged-${index}`))).toEqual(new Set([UNKNOWN]));
  expect(issuer.requests()).toEqual(['/configuration', '/keys', '/keys']);
});

test('unknown key ids cause one refresh in ten seconds, however many come and whenever; none waits for it', async () => {
  const { clock, issuer, askTimes } = await fetched();
  for (let refreshes = 1; refreshes <= 6; refreshes++) {
    expect(new Set(await askTimes(20, (index) => `forged-${index}`))).toEqual(new Set([UNKNOWN]));
    const early = await askTimes(20, (index) => `forged-${index}`);
    await clock.advance(COOL_DOWN - 1);
    const late = await askTimes(20, (index) => ['__proto__', 'constructor', ''][index] ?? 'toString');
    expect(new Set([...early, ...late])).toEqual(new Set([UNCONFIRMED]));
    expect(issuer.requests()).toHaveLength(2 + refreshes);
    await clock.advance(1);
  }
});

test('a genuine rotation right after a regular fetch is accepted after one awaited refresh', async () => {
  const { issuer, ask } = await fetched();
  issuer.at('/keys', keysOf(await signingKey('new'), await signingKey('old')));
  expect(await ask('new')).toBe('found');
  expect(issuer.requests()).toHaveLength(3);
});

test('a genuine rotation within the cool-down is put off at once, and accepted on the retry after it', async () => {
  const { clock, issuer, ask } = await coolingDown();
  issuer.at('/keys', keysOf(await signingKey('new'), await signingKey('old')));
  expect(await ask('new')).toBe(UNCONFIRMED);
  await clock.advance(COOL_DOWN - 1);
  expect(await ask('new')).toBe(UNCONFIRMED);
  expect(issuer.requests()).toHaveLength(3);
  await clock.advance(1);
  expect(await ask('new')).toBe('found');
  expect(issuer.requests()).toHaveLength(4);
});

test('a regular refresh neither uses up the cool-down nor waits for it', async () => {
  const { clock, issuer, keys, ask } = await coolingDown();
  await keys.warm();
  expect(issuer.requests()).toHaveLength(4);
  await clock.advance(COOL_DOWN);
  await keys.warm();
  expect(await ask('forged')).toBe(UNKNOWN);
  expect(issuer.requests()).toHaveLength(6);
});

test('known keys are served at once while others wait for the issuer', async () => {
  const { clock, issuer, ask } = await fetched();
  issuer.at('/keys', silence);
  const waiting = ask('forged');
  await issuer.arrived(3);
  expect(await ask('old')).toBe('found');
  expect(await isUnsettled(waiting)).toBe(true);
  await clock.advance(WAIT);
  expect(await waiting).toBe(OUTAGE);
});

test('a hundred may wait for the issuer; the next is put off at once, and there is room again afterwards', async () => {
  const { clock, issuer, ask, askTimes } = await fetched();
  const answer = Promise.withResolvers<void>();
  const set = keysOf(await signingKey('new'));
  issuer.at('/keys', (request, response) => void answer.promise.then(() => set(request, response)));
  const waiting = askTimes(100, (index) => `forged-${index}`);
  await issuer.arrived(3);
  expect(await isUnsettled(waiting)).toBe(true);
  expect(await ask('one-too-many')).toBe(UNCONFIRMED);
  expect(await ask('old')).toBe('found');

  answer.resolve();
  expect(new Set(await waiting)).toEqual(new Set([UNKNOWN]));
  expect(issuer.requests()).toHaveLength(3);

  await clock.advance(COOL_DOWN);
  issuer.at('/keys', silence);
  const again = askTimes(100, 'forged');
  await issuer.arrived(4);
  expect(await isUnsettled(again)).toBe(true);
  await clock.advance(WAIT);
  expect(new Set(await again)).toEqual(new Set([OUTAGE]));
});

test('those who gave up waiting leave their places', async () => {
  const { issuer, ask } = await fetched();
  issuer.at('/keys', silence);
  const controller = new AbortController();
  const gone = Array.from({ length: 100 }, () => ask('forged', controller.signal));
  await issuer.arrived(3);
  controller.abort();
  expect(new Set(await Promise.all(gone))).toEqual(new Set([UNCONFIRMED]));
  expect(await isUnsettled(ask('forged'))).toBe(true);
});

test('an unknown key id is no proof of anything when the refresh fails', async () => {
  const { issuer, ask } = await fetched();
  issuer.at('/keys', json({}, 503));
  expect(await ask('new')).toBe(OUTAGE);
  expect(await ask('old')).toBe('found');
});

test('during an outage unknown key ids are told of it at once, and cause no more requests than the back-off allows', async () => {
  const { clock, issuer, ask, askTimes } = await fetched();
  issuer.at('/keys', json({}, 503));
  expect(await ask('new')).toBe(OUTAGE);
  issuer.at('/keys', json({}, 503, { 'retry-after': '60' }));
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
  const { issuer, keys, ask } = await fetched();
  const before = Promise.withResolvers<void>();
  const old = await signingKey('old');
  issuer.at('/keys', (request, response) => void before.promise.then(() => keysOf(old)(request, response)));
  const underWay = keys.warm();
  await issuer.arrived(3);
  issuer.at('/keys', keysOf(await signingKey('new')));
  const rotated = ask('new');
  expect(await isUnsettled(rotated)).toBe(true);
  before.resolve();
  await underWay;
  expect(await rotated).toBe('found');
});

test('a fetch for one unknown key id answers those that come while it runs', async () => {
  const { issuer, ask } = await fetched();
  const before = Promise.withResolvers<void>();
  const set = keysOf(await signingKey('new'));
  issuer.at('/keys', (request, response) => void before.promise.then(() => set(request, response)));
  const first = ask('forged');
  await issuer.arrived(3);
  const later = [ask('new'), ask('forged too')];
  before.resolve();
  expect(await Promise.all([first, ...later])).toEqual([UNKNOWN, 'found', UNKNOWN]);
  expect(issuer.requests()).toHaveLength(3);
});

test('nobody waits longer than two seconds, also where one fetch follows on another', async () => {
  const { clock, issuer, keys, ask } = await fetched();
  const before = Promise.withResolvers<void>();
  const set = keysOf(await signingKey('old'));
  issuer.at('/keys', (request, response) => void before.promise.then(() => set(request, response)));
  const underWay = keys.warm();
  await issuer.arrived(3);
  issuer.at('/keys', silence);
  const unknown = ask('forged');
  await clock.advance(1500);
  before.resolve();
  await underWay;
  await issuer.arrived(4);
  await clock.advance(499);
  expect(await isUnsettled(unknown)).toBe(true);
  await clock.advance(1);
  expect(await unknown).toBe(UNCONFIRMED);
});

test('an unknown key id that a deadline leaves no time to wait for the issuer is put off, and forges no outage', async () => {
  const { issuer, ask } = await fetched();
  issuer.at('/keys', silence);
  const controller = new AbortController();
  const answer = ask('new', controller.signal);
  expect(await isUnsettled(answer)).toBe(true);
  controller.abort(new TypeError('of somebody else'));
  expect(await answer).toBe(UNCONFIRMED);
});

test('a deadline that ran out before puts an unknown key id off, and costs no fetch', async () => {
  const { issuer, ask } = await fetched();
  expect(await ask('new', AbortSignal.abort())).toBe(UNCONFIRMED);
  expect(issuer.requests()).toHaveLength(2);
});

test('a deadline that cuts the wait short is an outage where a refresh has failed before', async () => {
  const { clock, issuer, ask } = await fetched();
  issuer.at('/keys', json({}, 503));
  expect(await ask('new')).toBe(OUTAGE);
  issuer.at('/keys', silence);
  await clock.advance(COOL_DOWN);
  const controller = new AbortController();
  const answer = ask('new', controller.signal);
  expect(await isUnsettled(answer)).toBe(true);
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
