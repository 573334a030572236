import type { TableClient, TableEntityResultPage } from '@azure/data-tables';
import { memoizeAsync, orOutage, withTimeout } from '../async.ts';
import { backOff, circuitBreaker } from '../circuit-breaker.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Dependency } from '../health.ts';
import { credential } from '../secrets/credential.ts';
import type { SignIn } from '../secrets/credential.ts';
import type { Note } from '../telemetry/delivery-log.ts';

/** A row of the ledger's table, without the columns that the service adds. */
export type Row = {
  /** When the row expires: its lease, or what it remembers. */
  readonly until: Date;
  /** Of a key: who holds it or completed it. A released key has none. */
  readonly holder?: string;
  /** Of a key: whether it was completed. */
  readonly done?: boolean;
  /** Of a completed key: what is kept with it, and until when. */
  readonly reply?: string;
  readonly replyUntil?: Date;
  /** Of a key that is held together with an alias: the name of the alias's row. */
  readonly alias?: string;
  /** Of a stored value. */
  readonly value?: string;
};

/** A row as it was read. Its ETag tells whether the row has changed since. */
export type ReadRow = Row & { readonly etag: string };

export type RowKey = { readonly partition: string; readonly name: string };

/** A row of which something expired. `rest` is what did not, `undefined` where all did. */
export type ExpiredRow = RowKey & { readonly etag: string; readonly rest: Row | undefined };

/** A table service. `write`, `remove` and `read` throw an `Outage` if it does not answer, or not in time. */
export type Table = Dependency & {
  /**
   * Inserts a row; with an ETag, replaces the row that has it.
   *
   * @returns the new ETag, or `undefined` if there is such a row already, or none with this ETag
   */
  write(key: RowKey, row: Row, etag?: string): Promise<string | undefined>;
  /** Removes the row that has this ETag. @returns whether there was one */
  remove(key: RowKey, etag: string): Promise<boolean>;
  read(key: RowKey): Promise<ReadRow | undefined>;
  /**
   * Lists the rows of which something expired before a moment. No delivery waits for this, so a failure is no outage but an
   * error, whose message holds no secret. The same holds for `clear`.
   */
  expired(before: Date): AsyncIterable<ExpiredRow>;
  /** Removes what expired of a row, unless the row has changed since it was listed. */
  clear(row: ExpiredRow): Promise<void>;
  /** Milliseconds since the table answered this instance for the first time, or since the last outage that it noticed ended. */
  backFor(): number;
};

/** Longer than the limit of a vault: giving up on a slow table means handling events twice or refusing them. */
const ANSWER_TIMEOUT_MS = 5000;
/** How long to wait before the table is probed again during an outage: a live call waits for it. */
const PROBE_INTERVAL_MS = 250;
/** A page of a cleanup may take longer: it reads through the whole table, and nobody waits for it. */
const PAGE_TIMEOUT_MS = 60_000;

/** Error codes of the service for a row that is not as expected. These are answers, not failures. */
const NOT_AS_EXPECTED = ['EntityAlreadyExists', 'UpdateConditionNotSatisfied', 'ResourceNotFound'];
/** Error codes for a deleted table. It is created again before the next question. */
const TABLE_DELETED = ['TableNotFound', 'TableBeingDeleted'];

const TABLE_NAME = 'ringward';

/**
 * The development account of Azurite, the emulator: published, the same everywhere, and good for nothing else.
 * https://learn.microsoft.com/azure/storage/common/storage-connect-azurite#well-known-storage-account-and-key
 */
export const AZURITE = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/**
 * What the SDK does to every request although the table needs none of it. The policies that stay serialise and sign a request, send it
 * through a proxy, repeat it and read the answer.
 */
const UNUSED_POLICIES = [
  'decompressResponsePolicy',
  'formDataPolicy',
  'logPolicy',
  'multipartPolicy',
  'redirectPolicy',
  'setClientRequestIdPolicy',
  'tracingPolicy',
  'userAgentPolicy',
  'wrapAbortSignalLikePolicy',
];

/** Two quick retries: when the service moves a partition, it answers 503 or 500 for a moment. */
const RETRY_OPTIONS = { maxRetries: 2, retryDelayInMs: 50, maxRetryDelayInMs: 200 };

/**
 * Makes the client of the ledger's table. Sends no request yet.
 *
 * @param url of the table service of a storage account
 * @param signIn `azurite` uses the emulator's own key, and no TLS
 */
export async function openTable(url: string, signIn: SignIn | 'azurite'): Promise<TableClient> {
  const { AzureNamedKeyCredential, TableClient } = await import('../azure-sdks.ts');
  const retryOptions = RETRY_OPTIONS;
  if (signIn === 'azurite') {
    const key = new AzureNamedKeyCredential(AZURITE.name, AZURITE.key);
    return lean(new TableClient(url, TABLE_NAME, key, { retryOptions, allowInsecureConnection: true }));
  }
  return lean(new TableClient(url, TABLE_NAME, await credential(signIn), { retryOptions }));
}

function lean(client: TableClient): TableClient {
  for (const name of UNUSED_POLICIES) client.pipeline.removePolicy({ name });
  return client;
}

/**
 * Azure Table Storage. The first question loads the SDK, signs in and creates the table.
 *
 * @param options.open makes the client
 */
export function azureTable(options: { open: () => Promise<TableClient>; clock: Clock; note: Note }): Table {
  const { open, clock, note } = options;
  const service = circuitBreaker({
    clock,
    retry: backOff({ clock, waitMs: () => PROBE_INTERVAL_MS }),
    refusal: () => new Outage('ledger-unavailable'),
    log: { note, unavailable: 'ledger-unavailable', back: 'ledger-back', describe: failure },
  });
  let openClient = memoizeAsync(open);
  let connect = connection();

  /** Opens the client and creates the table, once for all who ask. */
  function connection(): () => Promise<TableClient> {
    return memoizeAsync(async () => {
      const client = await openClient();
      await inTime((abortSignal) => createUnlessDenied(client, abortSignal), ANSWER_TIMEOUT_MS);
      return client;
    });
  }

  /** Ends in time even where the SDK ignores the signal, as it does while it signs in. */
  const inTime = <Answer>(question: (signal: AbortSignal) => Promise<Answer>, milliseconds: number) =>
    withTimeout(clock, milliseconds, (signal) => orOutage(question(signal), signal, 'ledger-unavailable'));

  /** Returns `undefined` if the answer is that a row is not as expected. */
  async function answerTo<Answer>(
    question: Question<Answer>,
    milliseconds: number,
  ): Promise<Answer | undefined> {
    try {
      const client = await connect();
      return await inTime((signal) => question(client, signal), milliseconds);
    } catch (thrown) {
      if (thrown instanceof Outage) reopen();
      const code = codeOf(thrown);
      if (NOT_AS_EXPECTED.includes(code)) return undefined;
      if (TABLE_DELETED.includes(code)) connect = connection();
      throw thrown;
    }
  }

  /** If the sign-in of a client never ends, every later question would wait for it. So the next one gets a new client. */
  function reopen(): void {
    openClient = memoizeAsync(open);
    connect = connection();
  }

  async function ask<Answer>(question: Question<Answer>) {
    try {
      return await service.call(() => answerTo(question, ANSWER_TIMEOUT_MS));
    } catch {
      throw new Outage('ledger-unavailable');
    }
  }

  /** For the cleanup. If it is throttled or slow, deliveries still use the table. */
  async function askInBackground<Answer>(question: Question<Answer>, milliseconds: number) {
    if (!service.isAvailable()) throw new Outage('ledger-unavailable');
    try {
      return await answerTo(question, milliseconds);
    } catch (thrown) {
      throw new Error(failure(thrown), { cause: thrown });
    }
  }

  return {
    write: ({ partition: partitionKey, name: rowKey }, row, etag) =>
      ask(async (client, abortSignal) => {
        const entity = { ...row, partitionKey, rowKey };
        const written = etag
          ? await client.updateEntity(entity, 'Replace', { etag, abortSignal })
          : await client.createEntity(entity, { abortSignal });
        // A page of a proxy in between may be a 200 as well, and it changed no row.
        return requireEtag(written.etag);
      }),
    remove: async ({ partition, name }, etag) =>
      (await ask(async (client, abortSignal) => {
        await client.deleteEntity(partition, name, { etag, abortSignal });
        return true;
      })) ?? false,
    read: ({ partition, name }) =>
      ask(async (client, abortSignal) => {
        const row = await client.getEntity<Row>(partition, name, { abortSignal });
        return { ...row, etag: requireEtag(row.etag) };
      }),
    async *expired(before) {
      const moment = `datetime'${before.toISOString()}'`;
      const queryOptions = {
        filter: `until lt ${moment} or replyUntil lt ${moment}`,
        select: ['PartitionKey', 'RowKey', 'until', 'holder', 'done'],
      };
      let token: string | undefined;
      do {
        const from = token === undefined ? {} : { continuationToken: token };
        const page = await askInBackground(async (client, abortSignal) => {
          const { value } = await client.listEntities<Row>({ queryOptions, abortSignal }).byPage(from).next();
          return value as TableEntityResultPage<Row> | undefined;
        }, PAGE_TIMEOUT_MS);
        for (const { partitionKey = '', rowKey = '', etag, until, holder = '', done = false } of page ?? []) {
          const rest = until < before ? undefined : { until, holder, done };
          // Without its ETag, a row would be removed also if a delivery has changed it since.
          yield { partition: partitionKey, name: rowKey, etag: requireEtag(etag), rest };
        }
        token = page?.continuationToken;
      } while (token !== undefined);
    },
    async clear({ partition: partitionKey, name: rowKey, etag, rest }) {
      await askInBackground(
        (client, abortSignal) =>
          rest
            ? client.updateEntity({ ...rest, partitionKey, rowKey }, 'Replace', { etag, abortSignal })
            : client.deleteEntity(partitionKey, rowKey, { etag, abortSignal }),
        ANSWER_TIMEOUT_MS,
      );
    },
    /** Connects, and creates the table if it is not there. */
    async warm() {
      // This row does not exist. What counts is that the table itself says so.
      await ask(async (client, abortSignal) =>
        requireEtag((await client.getEntity('warm', 'warm', { abortSignal })).etag),
      ).catch(() => {});
    },
    isAvailable: service.isAvailable,
    backFor: service.closedForMs,
  };
}

/**
 * Creates the table. Where the deployment made it, the role of the app covers the rows of this one table only, and
 * creating is denied. Without any role the next question is denied too, which is an outage.
 */
async function createUnlessDenied(client: TableClient, abortSignal: AbortSignal): Promise<void> {
  try {
    await client.createTable({ abortSignal });
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode !== 403) throw thrown;
  }
}

/** Something else than the table answered. Its status says nothing. */
class NoTable extends Error {
  override readonly name = 'NoTable';
  override readonly message = 'something else answered than the table';
}

/** The table sends an ETag with every row. */
function requireEtag(etag: string | undefined): string {
  if (!etag) throw new NoTable();
  return etag;
}

type Question<Answer> = (client: TableClient, signal: AbortSignal) => Promise<Answer>;

/** The error code of the service. The SDK takes it from a header, or from the body. */
function codeOf(thrown: unknown): string {
  const { code, details } = thrown as { code?: string; details?: { errorCode?: string } };
  return details?.errorCode ?? code ?? '';
}

/** Names and codes only: the message of an SDK's error may quote the request. */
function failure(thrown: unknown): string {
  if (thrown instanceof Outage) return 'the table did not answer in time';
  if (thrown instanceof NoTable) return thrown.message;
  const { name = 'Error', statusCode } = thrown as { name?: string; statusCode?: number };
  return [
    statusCode ? `the table answered ${statusCode}` : 'the table cannot be reached',
    name,
    codeOf(thrown),
  ]
    .filter(Boolean)
    .join(', ');
}
