import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApp } from '../../shared/app.ts';
import type { App } from '../../shared/app.ts';
import { newReference } from '../../shared/calls/uris.ts';
import { systemClock } from '../../shared/clock.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { callbackKey } from '../../shared/verification/callback-key.ts';
import { development } from '../support/settings.ts';
import { received, verdictOf } from '../support/verdict.ts';

const noted: string[] = [];
beforeEach(() => {
  noted.length = 0;
  vi.spyOn(console, 'warn').mockImplementation((line) => void noted.push(line));
});
afterEach(() => vi.restoreAllMocks());

const secret = {
  CALLBACK_KEY_SECRET: 'callback-key',
  SECRET_CALLBACK_KEY: 'a secret of thirty-two bytes or more',
};
const host = { WEBSITE_HOSTNAME: 'app.example' };
const appWith = (change: Record<string, string>) => createApp(readSettings({ ...development, ...change }));

/** Whether one app takes a URI that it was given by another. */
function takes({ platform, settings, clock }: App, url: string): Promise<string> {
  const times = { ttlSeconds: settings.CALLBACK_KEY_TTL_SECONDS, toleranceSeconds: 60, clock };
  return verdictOf(
    callbackKey({ secret: platform.callbackSecret, purpose: 'callback', ...times }),
    received({ url }),
  );
}

/** A callback URI of some call of the app. */
const uriOf = ({ platform }: App) => platform.calls.call('id', newReference()).callbackUri();

test('an app takes the URIs that it mints, and those of another with the same secret', async () => {
  const [one, other] = [appWith({ ...host, ...secret }), appWith({ ...host, ...secret })];
  expect(await takes(one, await uriOf(one))).toBe('accepted');
  expect(await takes(one, await uriOf(other))).toBe('accepted');
  expect(noted).toEqual([]);
});

test('without a secret an app takes its own URIs alone, and says so at its start', async () => {
  const [one, other] = [appWith(host), appWith(host)];
  expect(await takes(one, await uriOf(one))).toBe('accepted');
  expect(await takes(one, await uriOf(other))).toBe('callback-key-forged');
  expect(noted).toEqual([expect.stringContaining('"callback-secret-random"'), expect.any(String)]);
});

test.each([
  [host, 'https://app.example/api/'],
  [{ ...host, CALLBACK_BASE_URL: 'https://calls.example/v1/' }, 'https://calls.example/v1/api/'],
])('the URIs begin with the address of the app: %j', async (change, beginning) => {
  expect(await uriOf(appWith({ ...secret, ...change }))).toContain(
    `${beginning}callbacks/call-automation?key=`,
  );
});

test('an app that knows no address of its own starts all the same, and mints nothing', async () => {
  await expect(uriOf(appWith(secret))).rejects.toThrow('CALLBACK_BASE_URL');
});

test('an app that is created with another clock uses that', async () => {
  const settings = readSettings({ ...development, ...secret, ...host, CALLBACK_KEY_TTL_SECONDS: '3600' });
  const then = createApp(settings, {}, { ...systemClock, now: () => 1_800_000_000 });
  const uri = await uriOf(then);
  expect(uri).toContain('.1800003600.');
  expect(await takes(then, uri)).toBe('accepted');
  expect(await takes(createApp(settings, {}, { ...systemClock, now: () => 1_800_007_200 }), uri)).toBe(
    'callback-key-expired',
  );
});
