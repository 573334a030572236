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
  isOut(): boolean;
  /** Milliseconds since it came back; without end where it was never seen out, as where nobody asked meanwhile. */
  backFor(): number;
};

/** Most changes that the service makes at once. */
export const MOST_CHANGES = 100;
