import { randomUUID } from 'node:crypto';
import { startAzurite } from '../../local/fakes/azurite.ts';
import { azureTable, openTable } from '../../shared/ledger/azure-table.ts';
import { tableLedger } from '../../shared/ledger/table-ledger.ts';
import { manualClock } from '../clock.ts';
import { startTableProxy } from './table-proxy.ts';

/** Azurite, and a proxy in front of it. */
export async function startTable() {
  const azurite = await startAzurite();
  const proxy = await startTableProxy(azurite.url);
  return {
    azurite,
    proxy,
    /** The SDK's own client, past the proxy. */
    client: () => openTable(azurite.url, 'azurite'),
    /** An instance that reaches the table through the proxy, on the clock of the test. */
    instance: (clock = manualClock(), url = proxy.url) => instance(url, clock),
    async close() {
      await proxy.close();
      await azurite.close();
    },
  };
}

export function instance(url: string, clock = manualClock()) {
  const notes: { level: string; event: string; fields: Record<string, string | number> }[] = [];
  const table = azureTable({
    open: () => openTable(url, 'azurite'),
    clock,
    note: (level, event, fields) => void notes.push({ level, event, fields }),
  });
  return { clock, table, ledger: tableLedger(table, clock), notes };
}

/** A name that no other test uses. */
export const unique = (what = 'key') => `${what}-${randomUUID()}`;
