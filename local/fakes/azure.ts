import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newCertificateAuthority } from './certificates.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { startKeyVault } from './key-vault.ts';
import { startManagedIdentity } from './managed-identity.ts';

const VAULT_HOST = 'ringward-fake.vault.azure.net';

/** The Azure services that an app signs in to, under their real names and over TLS. */
export async function startAzure() {
  const authority = await newCertificateAuthority();
  const identity = await startManagedIdentity();
  const vault = await startKeyVault({ host: VAULT_HOST, tls: await authority.issue([VAULT_HOST]), identity });
  const ports: Record<string, number> = { [VAULT_HOST]: vault.port };
  const proxy = await startConnectProxy(ports);
  const folder = await mkdtemp(path.join(tmpdir(), 'ringward-trust-'));
  const trusted = path.join(folder, 'fakes.pem');
  await writeFile(trusted, authority.certificate);
  return {
    authority,
    identity,
    vault,
    /** A certificate for 127.0.0.1 and its key, in PEM. */
    loopbackTls: await authority.issue(['127.0.0.1']),
    /** Routes connections for the name of a service to the port of its fake. */
    route: (host: string, port: number) => {
      ports[host] = port;
    },
    /** What a process needs to find these services, to trust them and to sign in. */
    environment: {
      KEY_VAULT_URL: vault.url,
      ...identity.environment,
      NODE_EXTRA_CA_CERTS: trusted,
      HTTPS_PROXY: proxy.url,
      NO_PROXY: '127.0.0.1,localhost',
    },
    async close() {
      await Promise.all([proxy.close(), vault.close(), identity.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

export type FakeAzure = Awaited<ReturnType<typeof startAzure>>;
