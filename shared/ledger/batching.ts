import { setImmediate as nextTurn } from 'node:timers/promises';
import { MOST_CHANGES } from './azure-table.ts';
import type { Change, Table } from './azure-table.ts';

/** Changes that belong together, and who waits for them. */
type Unit = {
  readonly changes: readonly Change[];
  readonly done: (etags: readonly string[] | undefined) => void;
  readonly failed: (thrown: unknown) => void;
};

/**
 * Puts changes of one partition that come at the same time, or while a transaction of it is under way, into one
 * transaction: a request with many events, and the renewals of their claims, cost the table one request each.
 *
 * The changes of one call are made together or not at all; when a transaction fails on one of them, each of its calls is
 * made again alone, so that none fails for what belongs to another.
 */
export function inTransactions(table: Table): Table['change'] {
  const waiting = new Map<string, Unit[]>();

  async function drain(partition: string, units: Unit[]): Promise<void> {
    // What is asked for in the same turn of the event loop goes together.
    await nextTurn();
    while (units.length > 0) await commit(table, partition, takeTogether(units));
    waiting.delete(partition);
  }

  return (partition, changes) =>
    new Promise((done, failed) => {
      const unit = { changes, done, failed };
      const units = waiting.get(partition);
      if (units) return void units.push(unit);
      const first = [unit];
      waiting.set(partition, first);
      void drain(partition, first);
    });
}

/** The service takes so many changes at once, and each row only once. */
function takeTogether(units: Unit[]): Unit[] {
  const taken: Unit[] = [];
  const names = new Set<string>();
  let size = 0;
  for (const unit of units) {
    size += unit.changes.length;
    if (size > MOST_CHANGES && taken.length > 0) break;
    if (unit.changes.some(({ name }) => names.has(name))) break;
    for (const { name } of unit.changes) names.add(name);
    taken.push(unit);
  }
  units.splice(0, taken.length);
  return taken;
}

async function commit(table: Table, partition: string, units: readonly Unit[]): Promise<void> {
  try {
    const changes = units.flatMap((unit) => unit.changes);
    const etags = await table.change(partition, changes);
    if (!etags && units.length > 1) {
      await Promise.all(units.map((unit) => commit(table, partition, [unit])));
      return;
    }
    let from = 0;
    for (const { changes: own, done } of units) {
      done(etags?.slice(from, from + own.length));
      from += own.length;
    }
  } catch (thrown) {
    for (const { failed } of units) failed(thrown);
  }
}
