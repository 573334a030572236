import type { Clock } from '../clock.ts';
import { signInOf } from '../secrets/rings.ts';
import { isDevelopment, isLoopback, ledgerOf } from '../settings.ts';
import type { Settings } from '../settings.ts';
import type { Note } from '../telemetry/note.ts';
import type { Ledger } from './ledger.ts';
import { localFirst } from './local-first.ts';
import { memoryLedger } from './memory.ts';
import { azureTable } from './table/azure-table.ts';
import { openTable } from './table/open.ts';
import { keepAsking } from './table/keep-asking.ts';
import { keepSweeping } from './table/sweep.ts';
import { tableLedger } from './table/table-ledger.ts';

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
  return { ledger: localFirst(shared, local, outage, clock), strictLedger: shared };
}
