import type { Dependency } from '../health.ts';

/**
 * Tells which events are handled already. A caller acquires a key before the handler runs. It completes the key when the
 * handler succeeded, and releases it when the handler failed. A key that is neither completed nor released is free again
 * when its lease expires, so a crash delays an event but does not lose it.
 *
 * The ledger also stores values under names: the first value of a name wins.
 *
 * Every function that asks the ledger throws an `Outage` where the ledger does not answer.
 */
export type Ledger = Dependency & {
  /**
   * Acquires a key, and its alias if it has one: both or none.
   *
   * @param leaseSeconds how long the lease lasts unless it is renewed
   * @returns `acquired` with a lease that only this caller holds; `done` where the key was completed; `busy` where
   *   another caller holds it
   */
  acquire(key: LedgerKey, leaseSeconds: number): Promise<Acquisition>;
  /** The value that is stored under a name, if there is one. */
  get(name: string): Promise<string | undefined>;
  /**
   * Stores a value under a name for `seconds`, unless the name has a value already.
   *
   * @returns the value that the name has now
   */
  putIfAbsent(name: string, value: string, seconds: number): Promise<string>;
};

export type LedgerKey = {
  readonly key: string;
  /** How long the key stays done after `complete`. The default is `REMEMBERED_SECONDS`. */
  readonly seconds?: number;
  /**
   * A second key that other deliveries of the same thing share. If the alias is done, this key is done too. If another
   * caller holds the alias, this key is busy.
   */
  readonly alias?: { readonly key: string; readonly seconds: number } | undefined;
};

/** A value that the ledger stores under a name for `seconds`. */
export type LedgerValue = { readonly name: string; readonly value: string; readonly seconds: number };

/** A key stays done for two days: longer than any callback key is accepted. */
export const REMEMBERED_SECONDS = 48 * 3600;

/** A reply is kept with its completed key for this long. */
export const REPLY_SECONDS = 3600;
/** The longest reply, in UTF-8. */
export const MAX_REPLY_BYTES = 16 * 1024;

export type Acquisition =
  | { readonly state: 'acquired'; readonly lease: Lease }
  /** `reply` is that of `complete`, for `REPLY_SECONDS`. */
  | { readonly state: 'done'; readonly reply?: string }
  | { readonly state: 'busy' };

/** Keeps an acquired key. No function changes anything after the lease has expired and another caller has the key. */
export type Lease = {
  /**
   * Extends the lease to its full length from now on, also after it expired, unless another caller has the key.
   *
   * @returns false where the lease is lost
   */
  renew(): Promise<boolean>;
  /**
   * Marks the key as done, for every caller.
   *
   * @param reply is kept for callers that find the key done: at most `MAX_REPLY_BYTES`, and well-formed Unicode
   * @returns false where the lease was lost, and nothing changed: another caller has the key, or completed it
   */
  complete(reply?: string): Promise<boolean>;
  /** Frees the key. */
  release(): Promise<void>;
  /** The ticks of the clock when the lease was last asked for and then confirmed. It lasts from then on. */
  confirmedAt(): number;
};

/** Throws where a ledger cannot keep a reply. */
export function checkReply(reply: string | undefined): void {
  if (reply === undefined) return;
  if (!reply.isWellFormed()) throw new TypeError('a reply is well-formed Unicode');
  if (Buffer.byteLength(reply) > MAX_REPLY_BYTES) throw new RangeError('a reply has at most 16 KiB');
}
