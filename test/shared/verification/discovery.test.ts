import { expect, onTestFinished, test } from 'vitest';
import { keyFetcher } from '../../../shared/verification/discovery.ts';
import { manualClock } from '../../clock.ts';
import { answering, json, keysOf, startIssuer } from '../../support/issuer.ts';
import { signingKey } from '../../support/key-set.ts';

const DAY = 86_400_000;

async function issuerOnLoopback() {
  const clock = manualClock();
  const issuer = await startIssuer();
  onTestFinished(issuer.close);
  issuer.at('/keys', keysOf(await signingKey('key')));
  return { clock, issuer, fetchKeys: keyFetcher(issuer, clock, globalThis.fetch) };
}

test('the address of the keys is looked up once a day', async () => {
  const { clock, issuer, fetchKeys } = await issuerOnLoopback();
  await fetchKeys();
  await clock.advance(DAY);
  await fetchKeys();
  expect(issuer.requests()).toEqual(['/configuration', '/keys', '/keys']);
  await clock.advance(1);
  await fetchKeys();
  expect(issuer.requests().slice(3)).toEqual(['/configuration', '/keys']);
});

test('after a failure the address is looked up again, but not more often than every fifteen seconds', async () => {
  const { clock, issuer, fetchKeys } = await issuerOnLoopback();
  issuer.at('/keys', json({}, 503));
  for (let second = 0; second <= 20; second += 5) {
    await expect(fetchKeys()).rejects.toThrow('the key set answered 503');
    await clock.advance(5000);
  }
  const keys = Array(4).fill('/keys');
  expect(issuer.requests()).toEqual(['/configuration', ...keys, '/configuration', '/keys']);
});

test('the keys may be anywhere on the site of the configuration', async () => {
  const { issuer, fetchKeys } = await issuerOnLoopback();
  issuer.at(
    '/configuration',
    json({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/elsewhere?v=2`, more: {} }),
  );
  issuer.at('/elsewhere?v=2', keysOf(await signingKey('other')));
  expect([...(await fetchKeys()).keys()]).toEqual(['other']);
});

test('a failure says which document is at fault and when to come again', async () => {
  const { issuer, fetchKeys } = await issuerOnLoopback();
  issuer.at('/keys', json({}, 503, { 'retry-after': '7' }));
  await expect(fetchKeys()).rejects.toMatchObject({
    name: 'FetchFailure',
    message: 'the key set answered 503',
    retryAfterSeconds: 7,
  });
});

test.each([
  ['more than digits after the number', '7 soon'],
  ['more than digits before it', 'in 7'],
])('a Retry-After with %s is no number of seconds', async (_what, value) => {
  const { issuer, fetchKeys } = await issuerOnLoopback();
  issuer.at('/keys', json({}, 503, { 'retry-after': value }));
  const failure: unknown = await fetchKeys().catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ message: 'the key set answered 503' });
  expect(failure).not.toMatchObject({ retryAfterSeconds: 7 });
});

test('an issuer that refuses the connection is named by the code of the network', async () => {
  const { issuer, fetchKeys } = await issuerOnLoopback();
  await issuer.stop();
  await expect(fetchKeys()).rejects.toThrow('the OpenID configuration cannot be reached (ECONNREFUSED)');
});

test.each([
  ['an error without a code, by its message', new TypeError('odd'), 'cannot be reached (odd)'],
  [
    'the cause of an error, by its code',
    new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) }),
    'cannot be reached (ECONNRESET)',
  ],
  ['what is no error, as unknown', 'text', 'cannot be reached (unknown)'],
])('what fetch throws is named: %s', async (_what, thrown, expected) => {
  const { clock, issuer } = await issuerOnLoopback();
  const fetchKeys = keyFetcher(issuer, clock, () => Promise.reject(thrown));
  await expect(fetchKeys()).rejects.toThrow(`the OpenID configuration ${expected}`);
});

test('a failure quotes nothing of what the issuer answered', async () => {
  const { clock, issuer, fetchKeys } = await issuerOnLoopback();
  for (const [path, document] of [
    ['/keys', 'the key set'],
    ['/configuration', 'the OpenID configuration'],
  ] as const) {
    issuer.at(path, answering('<script>quoted</script>'));
    const fetched = fetchKeys();
    await expect(fetched).rejects.toThrow(`${document} is not JSON`);
    await expect(fetched).rejects.not.toThrow('quoted');
    await clock.advance(15_001);
  }
});

test('JSON is asked for, and nothing is said about who asks', async () => {
  const { issuer, fetchKeys } = await issuerOnLoopback();
  const headers: Record<string, unknown>[] = [];
  const keys = keysOf(await signingKey('key'));
  issuer.at('/keys', (request, response) => {
    headers.push(request.headers);
    keys(request, response);
  });
  await fetchKeys();
  expect(headers).toMatchObject([{ accept: 'application/json' }]);
  expect(headers[0]).not.toHaveProperty('authorization');
  expect(headers[0]).not.toHaveProperty('cookie');
});

test('nothing is left running after a fetch, whether it ends well or not', async () => {
  const { clock, issuer, fetchKeys } = await issuerOnLoopback();
  await fetchKeys();
  issuer.at('/keys', json({}, 500));
  await expect(fetchKeys()).rejects.toThrow('the key set answered 500');
  expect(clock.sleepers()).toBe(0);
});
