import type { Clock } from '../clock.ts';
import { signInOf } from '../secrets/credential.ts';
import { isDevelopment, isLoopback, ledgerOf } from '../settings/table.ts';
import type { CoreSettings } from '../settings/table.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { azureTable, openTable } from './azure-table.ts';
import { heartbeat, keepCleanedUp } from './cleanup.ts';
import type { Ledger } from './ledger.ts';
import { memoryLedger } from './memory.ts';
import { tableLedger } from './table-ledger.ts';
import { twoTierLedger } from './two-tier.ts';

export type Ledgers = {
  /** For deliveries: obeys `LEDGER_OUTAGE` during an outage of the table. */
  readonly ledger: Ledger;
  /** For what must not be guessed, such as the tickets of sockets: throws an `Outage` during an outage. */
  readonly strictLedger: Ledger;
};

/** Opens the ledger that the settings choose, and starts its background work. */
export function openLedger(settings: CoreSettings, clock: Clock, note: Note): Ledgers {
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
  void heartbeat(table, settings.LEDGER_LEASE_SECONDS, clock);
  void keepCleanedUp(table, shared, clock, note, Math.random);
  return { ledger: twoTierLedger(shared, local, outage, clock, note), strictLedger: shared };
}
