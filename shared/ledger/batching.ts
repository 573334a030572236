import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_CHANGES } from './azure-table.ts';
import type { Change, Table } from './azure-table.ts';

/** The changes of one call, and how to settle its promise. */
type Call = {
  readonly changes: readonly Change[];
  readonly resolve: (etags: readonly string[] | undefined) => void;
  readonly reject: (thrown: unknown) => void;
};

/**
 * Batches changes of one partition into transactions: those of the same turn of the event loop, and those that arrive
 * while a transaction is under way. A request with many events, and the renewals of their leases, then cost the table one
 * request each.
 *
 * The changes of one call are made together or not at all. If a transaction fails because a row is not as expected, each
 * of its calls is tried again alone, so that no call fails because of another one.
 */
export function batchedChange(table: Table): Table['change'] {
  const waiting = new Map<string, Call[]>();

  async function drain(partition: string, calls: Call[]): Promise<void> {
    // Calls of the same turn of the event loop join the first one.
    await nextTurn();
    while (calls.length > 0) await commit(table, partition, takeBatch(calls));
    waiting.delete(partition);
  }

  return (partition, changes) =>
    new Promise((resolve, reject) => {
      const call = { changes, resolve, reject };
      const calls = waiting.get(partition);
      if (calls) return void calls.push(call);
      const first = [call];
      waiting.set(partition, first);
      void drain(partition, first);
    });
}

/** Takes the calls that fit into one transaction: it has a size limit, and may change each row only once. */
function takeBatch(calls: Call[]): Call[] {
  const batch: Call[] = [];
  const names = new Set<string>();
  let size = 0;
  for (const call of calls) {
    size += call.changes.length;
    if (size > MAX_CHANGES && batch.length > 0) break;
    if (call.changes.some(({ name }) => names.has(name))) break;
    for (const { name } of call.changes) names.add(name);
    batch.push(call);
  }
  calls.splice(0, batch.length);
  return batch;
}

async function commit(table: Table, partition: string, batch: readonly Call[]): Promise<void> {
  try {
    const changes = batch.flatMap((call) => call.changes);
    const etags = await table.change(partition, changes);
    if (!etags && batch.length > 1) {
      await Promise.all(batch.map((call) => commit(table, partition, [call])));
      return;
    }
    let from = 0;
    for (const { changes: own, resolve } of batch) {
      resolve(etags?.slice(from, from + own.length));
      from += own.length;
    }
  } catch (thrown) {
    for (const { reject } of batch) reject(thrown);
  }
}
