import { Outage } from '../../shared/errors.ts';
import type { ReadRow, RowKey, Table } from '../../shared/ledger/azure-table.ts';

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

/** A table service in memory: rows with ETags. */
export function memoryTable(): MemoryTable {
  const rows = new Map<string, ReadRow>();
  const asked: string[] = [];
  const fates: Fate[] = [];
  let writes = 0;
  let gone = false;
  const at = ({ partition, name }: RowKey) => `${partition}/${name}`;
  const outage = () => new Outage('ledger-unavailable');

  /** Makes a change if it arrives and its row is as expected, and answers unless the answer is lost. */
  function changed<Answer>(key: RowKey, etag: string | undefined, change: () => Answer): Answer | undefined {
    const fate = fates.shift() ?? 'well';
    if (gone || fate === 'lost') throw outage();
    if (rows.get(at(key))?.etag !== etag) return undefined;
    const answer = change();
    if (fate === 'answer-lost') throw outage();
    return answer;
  }

  const table: MemoryTable = {
    asked,
    rows,
    since: Number.POSITIVE_INFINITY,
    async write(key, row, etag) {
      asked.push(etag ? 'replace' : 'insert');
      return changed(key, etag, () => {
        const now = { ...row, etag: `etag-${++writes}` };
        rows.set(at(key), now);
        return now.etag;
      });
    },
    async remove(key, etag) {
      asked.push('remove');
      return changed(key, etag, () => rows.delete(at(key))) ?? false;
    },
    async read(key) {
      asked.push('read');
      if (gone) throw outage();
      return rows.get(at(key));
    },
    async *expired(before) {
      if (gone) throw outage();
      for (const [key, { until, holder = '', done = false, replyUntil, etag }] of rows) {
        const [partition = '', name = ''] = key.split('/');
        if (until < before) yield { partition, name, etag, rest: undefined };
        else if (replyUntil && replyUntil < before)
          yield { partition, name, etag, rest: { until, holder, done } };
      }
    },
    async clear({ etag, rest, ...key }) {
      if (gone) throw outage();
      if (rows.get(at(key))?.etag !== etag) return;
      if (rest) rows.set(at(key), { ...rest, etag: `etag-${++writes}` });
      else rows.delete(at(key));
    },
    warm: async () => {},
    isAvailable: () => !gone,
    backFor: () => table.since,
    out: (isGone) => void (gone = isGone),
    next: (...these) => void fates.push(...these),
  };
  return table;
}
