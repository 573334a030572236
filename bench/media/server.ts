import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startAcs } from '../../local/providers/call-automation/acs.ts';
import { newReference } from '../../shared/calls/uris.ts';
import { secretVersion } from '../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';
import { memoryInMib } from '../harness/memory.ts';
import { ask, end, messageOf, startOn } from '../harness/processes.ts';

/** What a server holds, in MiB, and the CPU that it has used, in seconds. */
type Figures = { readonly heap: number; readonly resident: number; readonly cpu: number };

/** In the server: reports the port, and figures when asked. */
export function serveFigures(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ ...memoryInMib(), cpu: (user + system) / 1e6 });
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}

/** Starts a server of this folder as a process, with a fake issuer for it. */
export async function startServer(file: 'host.ts' | 'bare.ts') {
  const acs = await startAcs();
  const secret = randomBytes(32).toString('base64url');
  const version = secretVersion('dev', Buffer.from(secret));
  const child = startOn(undefined, path.join(import.meta.dirname, file), [], {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: secret,
  });
  const { port } = await messageOf<{ port: number }>(child);
  const expires = Math.floor(Date.now() / 1000) + 3600;
  return {
    port,
    /** A genuine upgrade for a new call. */
    genuine() {
      const ticket = mintCallbackKey(version, 'media', { reference: newReference(), expires });
      return {
        url: `ws://127.0.0.1:${port}/media?ticket=${ticket}`,
        headers: { authorization: `Bearer ${acs.mediaToken()}` },
      };
    },
    figures: () => ask<Figures>(child, {}),
    async stop() {
      await end(child);
      await acs.close();
    },
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;
