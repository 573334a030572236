import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../clock.ts';
import { credential } from '../secrets/credential.ts';
import type { SignIn } from '../secrets/credential.ts';
import { signInOf } from '../secrets/credential.ts';
import { isDevelopment, isLoopback, ledgerOf } from '../settings.ts';
import type { Settings } from '../settings.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { azureTable } from './azure-table.ts';
import { keepAsking, keepSweeping } from './cleanup.ts';
import type { Ledger } from './ledger.ts';
import { memoryLedger } from './memory.ts';
import { tableLedger } from './table-ledger.ts';
import { twoTierLedger } from './two-tier.ts';

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
  const { AzureNamedKeyCredential, TableClient } = await import('../azure-sdks.ts');
  if (signIn === 'azurite') {
    const key = new AzureNamedKeyCredential(AZURITE.name, AZURITE.key);
    return new TableClient(url, TABLE_NAME, key, { retryOptions: RETRIES, allowInsecureConnection: true });
  }
  return new TableClient(url, TABLE_NAME, await credential(signIn), { retryOptions: RETRIES });
}

export type Ledgers = {
  /** For deliveries: goes by `LEDGER_OUTAGE` while the table is out. */
  readonly ledger: Ledger;
  /** For what must never be guessed: throws while the table is out. */
  readonly strictLedger: Ledger;
};

/** The ledger that the settings ask for. */
export function openLedger(settings: Settings, clock: Clock, note: Note): Ledgers {
  const local = memoryLedger(clock);
  const { LEDGER_TABLE_URL: url, LEDGER_OUTAGE: outage } = settings;
  if (ledgerOf(settings) === 'memory' || !url) {
    if (!isDevelopment(settings)) {
      note('warn', 'ledger-in-memory', {
        why: 'LEDGER is memory: it serves one instance, and what it knows ends with the process',
      });
    }
    return { ledger: local, strictLedger: local };
  }
  const emulated = isDevelopment(settings) && isLoopback(url);
  const open = () => openTable(url, emulated ? 'azurite' : signInOf(settings));
  const table = azureTable({ open, clock, note });
  const shared = tableLedger(table, clock);
  void keepAsking(table, settings.LEDGER_LEASE_SECONDS, clock);
  void keepSweeping(table, shared, clock, note, Math.random);
  return { ledger: twoTierLedger(shared, local, outage, clock), strictLedger: shared };
}
