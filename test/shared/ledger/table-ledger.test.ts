import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { startAzurite } from '../../../local/stand-ins/azurite.ts';
import type { Azurite } from '../../../local/stand-ins/azurite.ts';
import { azureTable } from '../../../shared/ledger/azure-table.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { openTable } from '../../../shared/ledger/open-ledger.ts';
import { tableLedger } from '../../../shared/ledger/table-ledger.ts';
import { manualClock } from '../../clock.ts';
import { keepsTheBindingContract, keepsTheLedgerContract, keepsTheTwinContract } from './contract.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

/** A ledger whose keys nobody else uses, in the one table of all tests. */
function subject() {
  const clock = manualClock();
  const table = azureTable({ open: () => openTable(azurite.url, 'azurite'), clock, note: () => {} });
  return { ledger: apart(tableLedger(table, clock), randomUUID()), clock };
}

function apart(ledger: Ledger, own: string): Ledger {
  return {
    ...ledger,
    acquire: ({ key, alias, partition, ...rest }, seconds) =>
      ledger.acquire(
        {
          ...rest,
          key: own + key,
          alias: alias && { ...alias, key: own + alias.key },
          partition: partition === undefined ? undefined : own + partition,
        },
        seconds,
      ),
    putIfAbsent: (name, value, seconds) => ledger.putIfAbsent(own + name, value, seconds),
    get: (name) => ledger.get(own + name),
  };
}

describe('the ledger in a table', () => {
  keepsTheLedgerContract(subject);
  keepsTheTwinContract(subject);
  keepsTheBindingContract(subject);
});
