import { expect, test } from 'vitest';
import { isUnsettled } from '../../clock.ts';
import { json, keysOf, silence } from '../../support/issuer.ts';
import { OUTAGE, keySetOnLoopback, signingKey } from '../../support/key-set.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

test.each([
  ['its configuration', '/configuration', 0],
  ['its configuration', '/configuration', 0.999],
  ['its keys', '/keys', 0],
  ['its keys', '/keys', 0.999],
])(
  'an issuer that cannot give %s is asked no more than forty times a minute',
  async (_what, path, random) => {
    const { clock, issuer, ask, askTimes } = await keySetOnLoopback({ random: () => random });
    issuer.at(path, json({}, 503));
    for (let second = 0; second < 60; second++) {
      expect(new Set(await askTimes(50, 'old'))).toEqual(new Set([OUTAGE]));
      for (let step = 0; step < 20; step++) {
        await ask('old');
        await clock.advance(SECOND / 20);
      }
    }
    expect(issuer.requests().length).toBeGreaterThan(25);
    expect(issuer.requests().length).toBeLessThanOrEqual(40);
  },
);

test('an issuer that is down is asked no more than six times a minute while the old keys serve', async () => {
  const { clock, issuer, keys, askTimes, idle } = await keySetOnLoopback();
  await keys.warm();
  issuer.at('/keys', json({}, 503));
  issuer.at('/configuration', json({}, 503));
  await clock.advance(25 * MINUTE);
  for (let second = 0; second < 60; second++) {
    expect(new Set(await askTimes(50, 'old'))).toEqual(new Set(['found']));
    await idle();
    await clock.advance(SECOND);
  }
  expect(issuer.requests().length - 2).toBeGreaterThan(1);
  expect(issuer.requests().length - 2).toBeLessThanOrEqual(6);
});

/** When an issuer that answers 503 is asked, in seconds from the first time. */
async function attemptsUntil(last: number, { clock, issuer, ask, idle }: Loopback): Promise<number[]> {
  issuer.at('/configuration', json({}, 503));
  issuer.at('/keys', json({}, 503));
  const attempts: number[] = [];
  for (let second = 0; second <= last; second++) {
    const before = issuer.requests().length;
    await ask('old');
    await idle();
    if (issuer.requests().length > before) attempts.push(second);
    await clock.advance(SECOND);
  }
  return attempts;
}
type Loopback = Awaited<ReturnType<typeof keySetOnLoopback>>;

test('an outage that lasts is met with attempts ten, twenty, forty and then sixty seconds apart', async () => {
  const set = await keySetOnLoopback();
  await set.keys.warm();
  await set.clock.advance(25 * MINUTE);
  expect(await attemptsUntil(260, set)).toEqual([0, 10, 30, 70, 130, 190, 250]);
});

test('where there are no keys at all the attempts stay two seconds apart, and shorter by the jitter', async () => {
  const everyTwo = Array.from({ length: 31 }, (_, index) => 2 * index);
  expect(await attemptsUntil(60, await keySetOnLoopback())).toEqual(everyTwo);
  const { clock, issuer, ask } = await keySetOnLoopback({ random: () => 0.999 });
  await issuer.stop();
  expect(await ask('old')).toBe(OUTAGE);
  await issuer.start();
  await clock.advance(1750);
  expect(await ask('old')).toBe(OUTAGE);
  await clock.advance(1);
  expect(await ask('old')).toBe('found');
});

test('the first success after an outage is the end of it', async () => {
  const { clock, issuer, ask } = await keySetOnLoopback();
  await issuer.stop();
  expect(await ask('old')).toBe(OUTAGE);
  await issuer.start();
  expect(await ask('old')).toBe(OUTAGE);
  await clock.advance(10 * SECOND);
  expect(await ask('old')).toBe('found');
});

test.each([
  ['seconds', () => '120', 120, 120],
  ['a date', () => new Date(1_800_000_000_000 + 120_000).toUTCString(), 120, 120],
  ['more than five minutes', () => '86400', 300, 300],
  ['less than the back-off', () => '1', 10, 2],
  ['a date long past', () => new Date(0).toUTCString(), 10, 2],
  ['nonsense', () => 'soon', 10, 2],
  ['a number too long to be one', () => '9'.repeat(400), 10, 2],
])('Retry-After is heeded, with keys and without: %s', async (_what, value, withKeys, withoutKeys) => {
  for (const seconds of [withKeys, withoutKeys]) {
    const { clock, issuer, keys, ask } = await keySetOnLoopback();
    if (seconds === withKeys) {
      await keys.warm();
      issuer.at('/keys', json({}, 429, { 'retry-after': value() }));
    }
    issuer.at('/configuration', json({}, 429, { 'retry-after': value() }));
    expect(await ask('unknown')).toBe(OUTAGE);
    const asked = issuer.requests().length;
    await clock.advance(seconds * SECOND - 1);
    expect(await ask('unknown')).toBe(OUTAGE);
    expect(issuer.requests()).toHaveLength(asked);
    await clock.advance(1);
    await ask('unknown');
    expect(issuer.requests()).toHaveLength(asked + 1);
  }
});

test('the last known keys serve through an outage up to the bound, then nothing does until the issuer is back', async () => {
  const { clock, issuer, keys, ask, askTimes, noted } = await keySetOnLoopback();
  await keys.warm();
  await issuer.stop();
  for (const time of [11 * MINUTE, 25 * MINUTE, 12 * 60 * MINUTE, DAY]) {
    await clock.advance(time - clock.ticks());
    expect(await askTimes(20, 'old')).toEqual(Array.from({ length: 20 }, () => 'found'));
  }
  await clock.advance(1);
  expect(new Set(await askTimes(20, 'old'))).toEqual(new Set([OUTAGE]));
  expect(new Set(noted.map(({ event }) => event))).toEqual(new Set(['keys-refresh-failed']));

  await issuer.start();
  await clock.advance(90 * SECOND);
  expect(await ask('old')).toBe('found');
});

test('the bound is a setting', async () => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback({ maxStaleSeconds: 60 });
  await keys.warm();
  await issuer.stop();
  await clock.advance(MINUTE);
  expect(await ask('old')).toBe('found');
  await clock.advance(1);
  expect(await ask('old')).toBe(OUTAGE);
});

test('while the old keys serve, an issuer that is down is waited for once in an attempt, and by nobody between them', async () => {
  const { clock, issuer, keys, ask, askTimes } = await keySetOnLoopback();
  await keys.warm();
  issuer.at('/keys', silence);
  await clock.advance(25 * MINUTE);
  const asked = askTimes(20, 'old');
  await issuer.arrived(3);
  await clock.advance(2 * SECOND);
  expect(new Set(await asked)).toEqual(new Set(['found']));
  await clock.advance(9 * SECOND);
  expect(await ask('old')).toBe('found');
  expect(issuer.requests()).toHaveLength(3);
});

test('the two seconds are shared by the configuration and the keys', async () => {
  const { clock, issuer, ask } = await keySetOnLoopback();
  issuer.at('/keys', silence);
  const configuration = Promise.withResolvers<void>();
  const genuine = json({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/keys` });
  issuer.at(
    '/configuration',
    (request, response) => void configuration.promise.then(() => genuine(request, response)),
  );
  const asked = ask('old');
  await issuer.arrived(1);
  await clock.advance(1500);
  configuration.resolve();
  await issuer.arrived(2);
  await clock.advance(499);
  expect(await isUnsettled(asked)).toBe(true);
  await clock.advance(1);
  expect(await asked).toBe(OUTAGE);
});

test('a failed refresh forgets where the keys were, so that an issuer may move them', async () => {
  const { clock, issuer, keys, ask } = await keySetOnLoopback();
  await keys.warm();
  issuer.at('/keys', json({}, 404));
  issuer.at('/moved', keysOf(await signingKey('new')));
  issuer.at('/configuration', json({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/moved` }));
  await clock.advance(10 * SECOND);
  expect(await ask('new')).toBe(OUTAGE);
  await clock.advance(10 * SECOND);
  expect(await ask('new')).toBe('found');
  expect(issuer.requests().slice(2)).toEqual(['/keys', '/configuration', '/moved']);
});
