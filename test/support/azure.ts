import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { readFile } from 'node:fs/promises';
import { startAzure } from '../../local/stand-ins/azure.ts';

/** The stand-ins of Azure, and this process made to find and trust them, as a deployed app finds the real ones. */
export async function azureForThisProcess() {
  const azure = await startAzure();
  const { NODE_EXTRA_CA_CERTS: trusted, ...environment } = azure.environment;
  Object.assign(process.env, environment);
  setDefaultCACertificates([...getCACertificates('default'), await readFile(trusted, 'utf8')]);
  return azure;
}
