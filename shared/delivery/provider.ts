import type { LedgerKey } from '../ledger/ledger.ts';
import type { Proof } from '../verification/check.ts';
import type { Reason } from '../reasons.ts';

/** A sender of events, as far as a delivery needs to know it. */
export type Provider<Event extends VerifiedEvent = VerifiedEvent> = {
  readonly name: 'call-automation' | 'event-grid' | 'vonage';
  /** What the sender is told when it should come again. */
  readonly unavailableStatus: 503 | 504;
  /** Events of one request that are handled at a time; 1 keeps the order in which they were sent. */
  readonly concurrency: number;
  /** Takes a proved body apart: its events, or why there are none. */
  readonly parse: (body: Uint8Array, proof: Proof) => Parsed<Event> | Reason;
};

export type Parsed<Event> = {
  readonly events: readonly Event[];
  /** How many elements of the body stood beside the events and were none. */
  readonly unusable: number;
};

/**
 * One event of a proved request. Its key is what the ledger knows it by: the same for every delivery of it and for no
 * other event.
 */
export type VerifiedEvent = LedgerKey & {
  /** As the sender names it. */
  readonly type: string;
};
