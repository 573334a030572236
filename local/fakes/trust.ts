import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Environment } from '../../shared/settings/table.ts';

/**
 * Makes this process find, trust and sign in to the fakes as an app does that is started with this environment: Node
 * reads `NODE_EXTRA_CA_CERTS` at its start alone.
 */
export async function trustFakes({ NODE_EXTRA_CA_CERTS: file, ...others }: Environment): Promise<void> {
  Object.assign(process.env, others);
  if (file) setDefaultCACertificates([...getCACertificates('default'), await readFile(file, 'utf8')]);
}
