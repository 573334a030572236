import type { Awaitable } from '../awaitable.ts';

/**
 * Who handled this already? A key is claimed before its handler runs, and settled when the handler has ended well or
 * released when it failed. A claim that is neither runs out with its lease, so that a crash delays an event and does
 * not lose it.
 *
 * Whatever asks the ledger throws an `Outage` where the ledger cannot say. What it knows without asking anybody it says at
 * once.
 */
export type Ledger = {
  /**
   * `claimed` with a lease that only this caller holds; `done` where it was settled; `busy` where somebody else holds
   * it. Either all keys are claimed or none is.
   *
   * @param leaseSeconds how long the claim stands unless it is renewed
   */
  acquire(what: LedgerKey, leaseSeconds: number): Awaitable<Acquisition>;
  /** The value that a name is bound to, if it is. */
  get(name: string): Awaitable<string | undefined>;
  /**
   * Binds a name to a value, unless it is bound already: the first value holds until `seconds` have passed since.
   *
   * @returns the value that the name is bound to now
   */
  putIfAbsent(name: string, value: string, seconds: number): Awaitable<string>;
  /** Prepares what the first claim should not have to wait for. Never throws, since the first claim will try again. */
  warm(): Promise<void>;
  /** Whether it answered when it was last asked; asks nothing. */
  isAvailable(): boolean;
};

/** What is claimed as one. */
export type LedgerKey = {
  readonly key: string;
  /** How long it stays done once it is settled; by default `REMEMBERED_SECONDS`. */
  readonly seconds?: number;
  /**
   * What it has in common with other deliveries of the same thing. Where that is done, so is this; where that is held,
   * this is busy.
   */
  readonly alias?: { readonly key: string; readonly seconds: number } | undefined;
  /** Claimables of one partition can go to a ledger elsewhere together; by default each goes alone. */
  readonly partition?: string | undefined;
};

/** What is done stays so for two days: longer than any callback key opens the door for a repeat. */
export const REMEMBERED_SECONDS = 48 * 3600;

export type Acquisition =
  | { readonly state: 'acquired'; readonly lease: Lease }
  | { readonly state: 'done' }
  | { readonly state: 'busy' };

/** A claim in hand. Each of its functions does nothing where the lease has run out and somebody else holds a key. */
export type Lease = {
  /**
   * The claim stands for the length of the lease from now on, also where it had run out and nobody took it.
   *
   * @returns false where it is not ours any more
   */
  renew(): Awaitable<boolean>;
  /** It is done, for everybody. */
  complete(): Awaitable<void>;
  /** It is free again. */
  release(): Awaitable<void>;
};
