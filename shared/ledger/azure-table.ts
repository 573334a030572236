import type { TableClient, TableEntityResultPage, TransactionAction } from '@azure/data-tables';
import { memoizeAsync, orOutage, withTimeout } from '../async.ts';
import { backOff, circuitBreaker } from '../circuit-breaker.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Note } from '../telemetry/delivery-log.ts';

/** A row of the ledger's table, without the columns that the service keeps itself. */
export type Row = {
  /** When it is forgotten, or when its lease runs out. */
  readonly until: Date;
  /** Of a claim: who holds it, or who settled it; nobody where it was given back. */
  readonly holder?: string;
  /** Of a claim: whether it was settled. */
  readonly done?: boolean;
  /** Of a binding. */
  readonly value?: string;
};

/** A row as it was read, with what tells whether it has changed since. */
export type ReadRow = Row & { readonly etag: string };

/** A change of one row, which fails where the row is not as the caller last saw it. */
export type Change =
  | { readonly kind: 'insert'; readonly name: string; readonly row: Row }
  | { readonly kind: 'replace'; readonly name: string; readonly row: Row; readonly etag: string };

export type RowKey = { readonly partition: string; readonly name: string; readonly etag: string };

/** A table somewhere else. Each function throws an `Outage` where the table does not answer, or not in time. */
export type Table = {
  /**
   * Makes all changes or none.
   *
   * @returns the new ETags in the order of the changes, or `undefined` where a row was not as expected
   */
  change(partition: string, changes: readonly Change[]): Promise<readonly string[] | undefined>;
  read(partition: string, name: string): Promise<ReadRow | undefined>;
  /**
   * Rows whose time was over before a moment, by their partitions. Nothing waits for them, so that they cannot be had is
   * no outage but an error whose message holds nothing secret; likewise with removing.
   */
  expired(before: Date): AsyncIterable<RowKey>;
  /** Removes a row unless it has changed. */
  remove(row: RowKey): Promise<void>;
  /** Connects, makes the table where there is none, and asks whether it is there. Never throws. */
  warm(): Promise<void>;
  isAvailable(): boolean;
  /** Milliseconds since it came back; without end where it was never seen out, as where nobody asked meanwhile. */
  backFor(): number;
};

/** Most changes that the service makes at once. */
export const MOST_CHANGES = 100;

/**
 * How long the table may take to answer, in milliseconds. Longer than a vault may: to give up on a table that is only slow
 * is to handle events twice or to send them away.
 */
const TOTAL_DEADLINE = 5000;
/** How long to wait before the table is probed again during an outage: a live call waits for it. */
const PROBE_INTERVAL_MS = 250;
/** A page of the sweep may take longer: it reads through the whole table, and nobody waits for it. */
const PAGE_DEADLINE = 60_000;

/** What the service says where a row is not as expected: an answer, and no fault of its own. */
const NOT_AS_EXPECTED = ['EntityAlreadyExists', 'UpdateConditionNotSatisfied', 'ResourceNotFound'];
/** What it says where somebody has deleted the table: it is made again before the next question. */
const GONE = ['TableNotFound', 'TableBeingDeleted'];

/**
 * Azure Table Storage. The SDK is loaded, the sign-in made and the table created when it is first asked for.
 *
 * @param open makes the client
 */
export function azureTable(options: { open: () => Promise<TableClient>; clock: Clock; note: Note }): Table {
  const { open, clock, note } = options;
  const service = circuitBreaker({
    clock,
    retry: backOff({ clock, waitMs: () => PROBE_INTERVAL_MS }),
    refusal: () => new Outage('ledger-unavailable'),
    log: { note, unavailable: 'ledger-unavailable', back: 'ledger-back', describe: failure },
  });
  let opened = memoizeAsync(open);
  const made = () =>
    memoizeAsync(async () => {
      const client = await opened();
      await inTime((abortSignal) => client.createTable({ abortSignal }));
      return client;
    });
  let connect = made();

  /** Waits no longer, also where the SDK heeds no signal: as long as it signs in, it does not. */
  const inTime = <Answer>(
    question: (signal: AbortSignal) => Promise<Answer>,
    milliseconds = TOTAL_DEADLINE,
  ) => withTimeout(clock, milliseconds, (signal) => orOutage(question(signal), signal, 'ledger-unavailable'));

  /** An answer that a row is not as expected is `undefined`. */
  async function answerTo<Answer>(question: Question<Answer>, milliseconds?: number) {
    try {
      const client = await connect();
      return await inTime((signal) => question(client, signal), milliseconds);
    } catch (thrown) {
      if (thrown instanceof Outage) begunAnew();
      const code = codeOf(thrown);
      if (NOT_AS_EXPECTED.includes(code)) return undefined;
      if (GONE.includes(code)) connect = made();
      throw thrown;
    }
  }

  /** A client whose sign-in never ends has all that come after it wait for the same one. */
  function begunAnew(): void {
    opened = memoizeAsync(open);
    connect = made();
  }

  async function ask<Answer>(question: Question<Answer>) {
    try {
      return await service.call(() => answerTo(question));
    } catch {
      throw new Outage('ledger-unavailable');
    }
  }

  /** For the sweep: that it is throttled, or takes long, is no reason to deliver without the table. */
  async function askAside<Answer>(question: Question<Answer>, milliseconds?: number) {
    if (!service.isAvailable()) throw new Outage('ledger-unavailable');
    try {
      return await answerTo(question, milliseconds);
    } catch (thrown) {
      throw new Error(failure(thrown), { cause: thrown });
    }
  }

  return {
    change: (partition, changes) =>
      ask(async (client, abortSignal) => {
        const actions = changes.map((change) => actionOf(partition, change));
        const { subResponses } = await client.submitTransaction(actions, { abortSignal });
        // A page of somebody in between is a 200 as well, and no claim was granted by it.
        if (subResponses.length !== changes.length) throw new NoTable();
        return subResponses.map(({ etag }) => ofTable(etag));
      }),
    read: (partition, name) =>
      ask(async (client, abortSignal) => {
        const row = await client.getEntity<Row>(partition, name, { abortSignal });
        return { ...row, etag: ofTable(row.etag) };
      }),
    async *expired(before) {
      const queryOptions = {
        filter: `until lt datetime'${before.toISOString()}'`,
        select: ['PartitionKey', 'RowKey'],
      };
      let token: string | undefined;
      do {
        const from = token === undefined ? {} : { continuationToken: token };
        const page = await askAside(async (client, abortSignal) => {
          const { value } = await client.listEntities({ queryOptions, abortSignal }).byPage(from).next();
          return value as TableEntityResultPage<Record<string, unknown>> | undefined;
        }, PAGE_DEADLINE);
        for (const { partitionKey = '', rowKey = '', etag } of page ?? []) {
          yield { partition: partitionKey, name: rowKey, etag };
        }
        token = page?.continuationToken;
      } while (token !== undefined);
    },
    async remove({ partition, name, etag }) {
      await askAside((client, abortSignal) => client.deleteEntity(partition, name, { etag, abortSignal }));
    },
    async warm() {
      // Of a row that is not there: what counts is that it is the table that says so.
      await ask(async (client, abortSignal) =>
        ofTable((await client.getEntity('warm', 'warm', { abortSignal })).etag),
      ).catch(() => {});
    },
    isAvailable: service.isAvailable,
    backFor: service.closedForMs,
  };
}

/** What answered is not the table, whatever its status said. */
class NoTable extends Error {
  override readonly name = 'NoTable';
}

/** Nothing that the table says of a row comes without its ETag. */
function ofTable(etag: string | undefined): string {
  if (!etag) throw new NoTable();
  return etag;
}

type Question<Answer> = (client: TableClient, signal: AbortSignal) => Promise<Answer>;

function actionOf(partitionKey: string, change: Change): TransactionAction {
  const key = { partitionKey, rowKey: change.name };
  if (change.kind === 'insert') return ['create', { ...change.row, ...key }];
  return ['update', { ...change.row, ...key }, 'Replace', { etag: change.etag }];
}

/** The service's own name of a fault: in an error of one request it stands in a header, in one of a transaction in the body. */
function codeOf(thrown: unknown): string {
  const { code, details } = thrown as { code?: string; details?: { errorCode?: string } };
  return details?.errorCode ?? code ?? '';
}

/** Names and codes only: what an SDK's error says in words may quote the request. */
function failure(thrown: unknown): string {
  if (thrown instanceof Outage) return 'the table did not answer in time';
  const { name = 'Error', statusCode } = thrown as { name?: string; statusCode?: number };
  return [
    statusCode ? `the table answered ${statusCode}` : 'the table cannot be reached',
    name,
    codeOf(thrown),
  ]
    .filter(Boolean)
    .join(', ');
}
