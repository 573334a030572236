import type { TableClient } from '@azure/data-tables';
import { credential } from '../../secrets/credential.ts';
import type { SignIn } from '../../secrets/credential.ts';

const TABLE_NAME = 'ringward';

/**
 * The development account of Azurite, the emulator: published, the same everywhere, and good for nothing else.
 * https://learn.microsoft.com/azure/storage/common/storage-connect-azurite#well-known-storage-account-and-key
 */
const AZURITE = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/** Two more attempts, quickly: the service moves partitions about, and says so with a 503 or a 500. */
const RETRIES = { maxRetries: 2, retryDelayInMs: 50, maxRetryDelayInMs: 200 };

/**
 * Makes the client of the ledger's table; asks nothing yet.
 *
 * @param url of the table service of a storage account
 * @param signIn or Azurite, with its own key and without TLS
 */
export async function openTable(url: string, signIn: SignIn | 'azurite'): Promise<TableClient> {
  const { AzureNamedKeyCredential, TableClient } = await import('../../azure-sdks.ts');
  if (signIn === 'azurite') {
    const key = new AzureNamedKeyCredential(AZURITE.name, AZURITE.key);
    return new TableClient(url, TABLE_NAME, key, { retryOptions: RETRIES, allowInsecureConnection: true });
  }
  return new TableClient(url, TABLE_NAME, await credential(signIn), { retryOptions: RETRIES });
}
