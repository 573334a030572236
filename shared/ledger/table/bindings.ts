import type { Clock } from '../../clock.ts';
import type { Ledger } from '../ledger.ts';
import { nameOf } from './names.ts';
import type { Change, ReadRow, Table } from './table.ts';

/** How often a row may change between an attempt to write it and a look at it. */
const ATTEMPTS = 3;

/** Binds by inserting a row, which only one caller can; each name is a partition of its own. */
export function bindings(
  table: Pick<Table, 'change' | 'read'>,
  clock: Clock,
  outage: () => Error,
): Pick<Ledger, 'bind' | 'bound'> {
  const isOver = (row: ReadRow) => row.until.getTime() <= clock.now() * 1000;

  return {
    async bound(name) {
      const row = await table.read(nameOf('binding', name), 'value');
      return row && !isOver(row) ? row.value : undefined;
    },
    async bind(name, value, seconds) {
      const partition = nameOf('binding', name);
      const row = { until: new Date((clock.now() + seconds) * 1000), value };
      let found: ReadRow | undefined;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const change: Change = found
          ? { kind: 'replace', name: 'value', row, etag: found.etag }
          : { kind: 'insert', name: 'value', row };
        if (await table.change(partition, [change])) return value;
        found = await table.read(partition, 'value');
        if (found && !isOver(found)) return found.value ?? '';
      }
      throw outage();
    },
  };
}
