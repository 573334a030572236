import { randomBytes } from 'node:crypto';
import { callbackUris } from '../shared/calls/callback-uri.ts';
import type { CallbackUri } from '../shared/calls/callback-uri.ts';
import { systemClock } from '../shared/clock.ts';
import type { SecretVersion } from '../shared/secrets/key-ring.ts';
import { CALLBACK_SECRET } from './play-environment.ts';
import { startAcs } from './stand-ins/acs.ts';
import { startAzure } from './stand-ins/azure.ts';

/** Every stand-in that a played call needs, with a callback secret in the vault. */
export async function startClouds() {
  const azure = await startAzure();
  const acs = await startAcs(await azure.authority.issue(['127.0.0.1']));
  const secret = randomBytes(32).toString('base64url');
  const { id } = azure.vault.add(CALLBACK_SECRET, secret);
  const version: SecretVersion = { kid: id.slice(0, 8), secret: Buffer.from(secret) };
  return {
    acs,
    azure,
    /** The version of the callback secret that the app signs with. */
    callbackSecret: version,
    /** Mints as the app does, or as a backend that knows the secret. */
    callbackUris: (baseUrl: string): CallbackUri =>
      callbackUris({
        baseUrl,
        ring: { versions: async () => [version], find: async () => [version], warm: async () => {} },
        ttlSeconds: 3600,
        clock: systemClock,
      }),
    async close() {
      await Promise.all([acs.close(), azure.close()]);
    },
  };
}

export type Clouds = Awaited<ReturnType<typeof startClouds>>;
