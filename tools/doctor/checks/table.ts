import { randomUUID } from 'node:crypto';
import { azureTable, openTable } from '../../../shared/ledger/azure-table.ts';
import type { RowKey, Table } from '../../../shared/ledger/azure-table.ts';
import { isDevelopment, isLoopback, ledgerOf } from '../../../shared/settings/table.ts';
import { fault, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';

const CHECK = 'ledger';
/** The app cleans up expired rows, also one that an interrupted doctor leaves. */
const LONG_PAST = new Date(0);

/** The table must exist, be readable and be writable. Like the app, this creates a missing table. */
export async function checkTable(context: Context): Promise<Finding[]> {
  const { settings, signIn, clock } = context;
  const url = settings.LEDGER_TABLE_URL;
  if (ledgerOf(settings) === 'memory') return [well(CHECK, 'in memory: for one instance')];
  if (!canAsk(context, 'LEDGER_TABLE_URL', url)) return [];
  const emulated = isDevelopment(settings) && isLoopback(url);
  let why = '';
  const table = azureTable({
    open: () => openTable(url, emulated ? 'azurite' : signIn),
    clock,
    note: (_level, _event, fields) => {
      why = String(fields['why']);
    },
  });
  const key = { partition: `doctor-${randomUUID()}`, name: 'row' };
  let step = 'read';
  try {
    await table.read(key);
    step = 'write to';
    await writeAndRemove(table, key);
    return [well(CHECK, 'the table is there, and can be read and written')];
  } catch {
    return [fault(CHECK, `cannot ${step} the table: ${why || 'unknown'}`, mendOf(why))];
  }
}

async function writeAndRemove(table: Table, key: RowKey): Promise<void> {
  const etag = await table.write(key, { until: LONG_PAST });
  if (etag) await table.remove(key, etag);
}

function mendOf(why: string): string {
  if (/Credential|Authentication(Required|Error)/.test(why)) return 'sign in: az login, or azd auth login';
  if (/answered 40[13]/.test(why))
    return 'give the identity that signs in here the role Storage Table Data Contributor on the storage account, and let this network in';
  return 'check LEDGER_TABLE_URL, and that this network lets requests out to it';
}
