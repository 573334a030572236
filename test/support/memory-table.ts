import { Outage } from '../../shared/errors.ts';
import type { Change, ReadRow, Row, Table } from '../../shared/ledger/azure-table.ts';

/** What happens to the next change: it works, it never arrives, or it is made and its answer is lost. */
export type Fate = 'well' | 'lost' | 'answer-lost';

export type MemoryTable = Table & {
  /** Starts or ends an outage. */
  out(gone: boolean): void;
  /** What happens to the next changes, in order. */
  next(...fates: readonly Fate[]): void;
  /** All changes and reads, in order. */
  readonly asked: string[];
  readonly rows: ReadonlyMap<string, ReadRow>;
  since: number;
};

/** A table service in memory: rows with ETags, and transactions that are made completely or not at all. */
export function memoryTable(): MemoryTable {
  const rows = new Map<string, ReadRow>();
  const asked: string[] = [];
  const fates: Fate[] = [];
  let writes = 0;
  let gone = false;
  const at = (partition: string, name: string) => `${partition}/${name}`;
  const outage = () => new Outage('ledger-unavailable');

  function fits(partition: string, change: Change): boolean {
    const row = rows.get(at(partition, change.name));
    if (change.kind === 'insert') return row === undefined;
    if (change.kind === 'replace') return row?.etag === change.etag;
    throw new Error('unknown kind of change');
  }
  const written = (row: Row): ReadRow => ({ ...row, etag: `etag-${++writes}` });

  const table: MemoryTable = {
    asked,
    rows,
    since: Number.POSITIVE_INFINITY,
    async change(partition, changes) {
      asked.push(`change ${changes.length}`);
      const fate = fates.shift() ?? 'well';
      if (gone || fate === 'lost') throw outage();
      if (!changes.every((change) => fits(partition, change))) return undefined;
      const etags = changes.map(({ name, row }) => {
        const now = written(row);
        rows.set(at(partition, name), now);
        return now.etag;
      });
      if (fate === 'answer-lost') throw outage();
      return etags;
    },
    async read(partition, name) {
      asked.push('read');
      if (gone) throw outage();
      return rows.get(at(partition, name));
    },
    async *expired(before) {
      if (gone) throw outage();
      for (const [key, { until, etag }] of rows) {
        const [partition = '', name = ''] = key.split('/');
        if (until < before) yield { partition, name, etag };
      }
    },
    async remove({ partition, name, etag }) {
      if (gone) throw outage();
      if (rows.get(at(partition, name))?.etag === etag) rows.delete(at(partition, name));
    },
    warm: async () => {},
    isAvailable: () => !gone,
    backFor: () => table.since,
    out: (isGone) => void (gone = isGone),
    next: (...these) => void fates.push(...these),
  };
  return table;
}
