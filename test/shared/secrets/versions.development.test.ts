import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { settingsSecret, randomSecret } from '../../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../../shared/verification/callback-key.ts';

const { signal } = new AbortController();

test('a secret from the settings is one version under the id dev, and its UTF-8 bytes are the key', async () => {
  const ring = settingsSecret('sécret');
  const [newest, ...others] = await ring.versions(signal);
  expect(others).toEqual([]);
  expect(await ring.find('dev', signal)).toEqual([newest]);
  expect(await ring.present(signal)).toEqual([newest]);
  expect(ring.isAvailable()).toBe(true);
  const key = mintCallbackKey(newest, 'callback', { reference: 'r', expires: 1 });
  const mac = createHmac('sha256', Buffer.from('sécret', 'utf8'))
    .update('v1.dev.callback.r.1')
    .digest('base64url');
  expect(key).toBe(`v1.dev.r.1.${mac}`);
});

test.each(['', 'DEV', 'dev ', '__proto__', 'constructor'])(
  'there is no version under the id %j',
  async (kid) => {
    expect(await settingsSecret('secret').find(kid, signal)).toEqual([]);
  },
);

test('a secret that nobody knows is another one in each process, and long enough for its purpose', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 20 }, async () => (await randomSecret().versions(signal))[0].secret),
  );
  expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(20);
  expect(secrets.every((secret) => secret.length >= 32)).toBe(true);
});

test('warming a ring of the settings does nothing', async () => {
  await expect(settingsSecret('secret').warm()).resolves.toBeUndefined();
});
