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
 * Holds a request against what came before it.
 *
 * The first is bound while the others are only looked up, all at once: what is bound by now, as the reference of an
 * answered call is, takes one round trip. A later one is bound when those before it hold, so that a request that is
 * refused for its token binds no reference.
 *
 * @returns the reason to refuse it, if there is one
 */
export async function holdBindings(
  bindings: readonly Binding[],
  ledger: Ledger,
  signal: AbortSignal,
  onReport: (reason: RejectionReason) => void,
): Promise<RejectionReason | undefined> {
  const inTime = <Value>(work: Promise<Value>) => orAbort(work, signal, 'ledger-unavailable');
  const bind = ({ name, value, seconds }: Binding) => inTime(ledger.bind(name, value, seconds));
  const found = await Promise.all(
    bindings.map((binding, index) => (index === 0 ? bind(binding) : inTime(ledger.bound(binding.name)))),
  );
  for (const [index, binding] of bindings.entries()) {
    const held = found[index] ?? (await bind(binding));
    if (held === binding.value) continue;
    if (binding.mode === 'enforce') return binding.conflict;
    onReport(binding.conflict);
  }
  return undefined;
}
