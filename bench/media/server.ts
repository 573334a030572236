import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { startAcs } from '../../local/providers/call-automation/acs.ts';
import { newReference } from '../../shared/calls/uris.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';
import type { Figures } from './figures.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';

const secret = randomBytes(32).toString('base64url');

/** A server of this folder in a process of its own, and who opens its sockets. */
export async function startServer(file: 'host.ts' | 'bare.ts') {
  const acs = await startAcs();
  const child = fork(path.join(import.meta.dirname, file), {
    execArgv: [],
    env: {
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      ACS_RESOURCE_ID: acs.resourceId,
      ACS_ISSUER: acs.issuer,
      ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
      CALLBACK_KEY_SECRET: 'callback-key',
      SECRET_CALLBACK_KEY: secret,
    },
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const expires = Math.floor(Date.now() / 1000) + 3600;
  return {
    port,
    /** Each time for another call. */
    genuine() {
      const key = { reference: newReference(), expires };
      const ticket = mintCallbackKey(secretVersion('dev', Buffer.from(secret)), 'media', key);
      return {
        url: `ws://127.0.0.1:${port}/media?ticket=${ticket}`,
        headers: { authorization: `Bearer ${acs.mediaToken()}` },
      };
    },
    async figures(): Promise<Figures> {
      child.send('figures');
      const [figures] = (await once(child, 'message')) as [Figures];
      return figures;
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
      await acs.close();
    },
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;
