import { orAbort } from '../or-abort.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RejectionReason } from '../reasons.ts';
import type { Proof } from '../verification/verdict.ts';
import type { ProvedEvent } from './provider.ts';

/** Whether what we only infer about a sender is refused, or reported until a running app has shown that it holds. */
export type BindingMode = 'report' | 'enforce';

/** Something that may come with one value only: the first one that comes. */
export type Binding = {
  readonly name: string;
  readonly value: string;
  /** How long it has to be remembered, in seconds. */
  readonly seconds: number;
  readonly mode: BindingMode;
  /** What a second value is reported as, or refused with. */
  readonly conflict: RejectionReason;
};

/** What a proved request binds, in the order in which it is held against the ledger. */
export type BindingsOf<Event extends ProvedEvent> = (
  proof: Proof,
  body: Uint8Array,
  events: readonly Event[],
) => readonly Binding[];

/**
 * Holds a request against what came before it. Runs before any claim.
 *
 * @returns the reason to refuse it, if there is one
 */
export async function holdBindings(
  bindings: readonly Binding[],
  ledger: Ledger,
  signal: AbortSignal,
  onReport: (reason: RejectionReason) => void,
): Promise<RejectionReason | undefined> {
  for (const { name, value, seconds, mode, conflict } of bindings) {
    const held = await orAbort(ledger.bind(name, value, seconds), signal, 'ledger-unavailable');
    if (held === value) continue;
    if (mode === 'enforce') return conflict;
    onReport(conflict);
  }
  return undefined;
}
