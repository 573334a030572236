/**
 * Who handled this already? A key is claimed before its handler runs, and settled when the handler has ended well or
 * released when it failed. A claim that is neither runs out with its lease, so that a crash delays an event and does
 * not lose it.
 */
export type Ledger = {
  /**
   * `claimed` with a lease that only this caller holds; `done` where the key was settled; `busy` where somebody else
   * holds it.
   *
   * Throws an `Outage` where the ledger cannot say.
   *
   * @param leaseSeconds how long the claim stands unless it is renewed
   */
  claim(key: string, leaseSeconds: number): Promise<Claim>;
  /**
   * Binds a name to a value, unless it is bound already: the first value holds until `seconds` have passed since.
   *
   * Throws an `Outage` where the ledger cannot say.
   *
   * @returns the value that the name is bound to now
   */
  bind(name: string, value: string, seconds: number): Promise<string>;
};

export type Claim =
  | { readonly state: 'claimed'; readonly lease: Lease }
  | { readonly state: 'done' }
  | { readonly state: 'busy' };

/** A claim in hand. Each of its functions does nothing where the lease has run out and somebody else holds the key. */
export type Lease = {
  /** The claim stands for the length of the lease from now on. */
  renew(): Promise<void>;
  /** The key is done, for everybody: for good, or for so many seconds. */
  settle(seconds?: number): Promise<void>;
  /** The key is free again. */
  release(): Promise<void>;
};
