import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { startAzurite } from '../../../local/fakes/azurite.ts';
import type { Azurite } from '../../../local/fakes/azurite.ts';
import { azureTable, openTable } from '../../../shared/ledger/azure-table.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock } from '../../clock.ts';
import { keepsTheValueContract, keepsTheLedgerContract, keepsTheAliasContract } from './contract.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

/** A ledger with distinct keys, in the one table of all tests. The table has been available for longer than any lease lasts. */
async function subject() {
  const clock = manualClock();
  const table = azureTable({ open: () => openTable(azurite.url, 'azurite'), clock, note: () => {} });
  await table.warm();
  await clock.advance(60_000);
  return { ledger: withPrefix(tableLedger(table, clock), randomUUID()), clock };
}

function withPrefix(ledger: Ledger, prefix: string): Ledger {
  return {
    ...ledger,
    acquire: ({ key, alias, ...rest }, seconds) =>
      ledger.acquire(
        {
          ...rest,
          key: prefix + key,
          alias: alias && { ...alias, key: prefix + alias.key },
        },
        seconds,
      ),
    putIfAbsent: (name, value, seconds) => ledger.putIfAbsent(prefix + name, value, seconds),
    get: (name) => ledger.get(prefix + name),
  };
}

describe('the ledger in a table', () => {
  keepsTheLedgerContract(subject);
  keepsTheAliasContract(subject);
  keepsTheValueContract(subject);
});
