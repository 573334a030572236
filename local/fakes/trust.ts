import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import type { Environment } from '../../shared/settings/table.ts';

/**
 * Makes this process find, trust and sign in to the fakes as an app does that is started with this environment: Node
 * reads `NODE_EXTRA_CA_CERTS` at its start alone.
 */
export async function trustFakes({ NODE_EXTRA_CA_CERTS: file, ...others }: Environment): Promise<void> {
  Object.assign(process.env, others);
  if (file) trustAuthority(await readFile(file, 'utf8'));
}

/** Makes this process trust one more certificate authority, in PEM. */
export function trustAuthority(certificate: string): void {
  const ca = [...tls.getCACertificates('default'), certificate];
  // Node has it from 22.19 and from 24.5 on; npm's Node for Apple's processors is 24.0.
  if (typeof tls.setDefaultCACertificates === 'function') return tls.setDefaultCACertificates(ca);
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => createSecureContext({ ca, ...options });
}
