import { isPending } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import { orOutage } from '../async.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RejectionReason } from '../reasons.ts';
import type { Proof } from '../verification/check.ts';
import type { VerifiedEvent } from './provider.ts';

/** Whether what we only infer about a sender is refused, or reported until a running app has shown that it holds. */
export type RuleMode = 'report' | 'enforce';

/** Something that may come with one value only: the first one that comes. */
export type ReplayRule = {
  readonly name: string;
  readonly value: string;
  /** How long it has to be remembered, in seconds. */
  readonly seconds: number;
  readonly mode: RuleMode;
  /** What a second value is reported as, or refused with. */
  readonly conflict: RejectionReason;
};

/** What a proved request binds, in the order in which it is held against the ledger. */
export type ReplayRulesOf<Event extends VerifiedEvent> = (
  proof: Proof,
  body: Uint8Array,
  events: readonly Event[],
) => readonly ReplayRule[];

/**
 * Holds a request against what came before it.
 *
 * The first is bound while the others are only looked up, all at once: what is bound by now, as the reference of an
 * answered call is, takes one round trip. A later one is bound when those before it hold, so that a request that is
 * refused for its token binds no reference.
 *
 * @returns the reason to refuse it, if there is one
 */
export function checkReplay(
  bindings: readonly ReplayRule[],
  ledger: Ledger,
  signal: AbortSignal,
  onReport: (reason: RejectionReason) => void,
): Awaitable<RejectionReason | undefined> {
  const inTime = <Value>(work: Promise<Value>) => orOutage(work, signal, 'ledger-unavailable');
  const bind = ({ name, value, seconds }: ReplayRule) => ledger.putIfAbsent(name, value, seconds);
  const lookUp = (binding: ReplayRule, index: number) =>
    index === 0 ? bind(binding) : ledger.get(binding.name);

  function conflictOf({ value, mode, conflict }: ReplayRule, held: string): RejectionReason | undefined {
    if (held === value) return undefined;
    if (mode === 'enforce') return conflict;
    onReport(conflict);
    return undefined;
  }

  function hold(
    found: readonly (string | undefined)[],
    from: number,
  ): Awaitable<RejectionReason | undefined> {
    for (let index = from; index < bindings.length; index++) {
      const binding = bindings[index] as ReplayRule;
      const held = found[index] ?? bind(binding);
      if (isPending(held))
        return inTime(held).then((late) => conflictOf(binding, late) ?? hold(found, index + 1));
      const refused = conflictOf(binding, held);
      if (refused) return refused;
    }
    return undefined;
  }

  const asked: Awaitable<string | undefined>[] = [];
  for (const [index, binding] of bindings.entries()) {
    // Those of one name stand together, and one look-up is enough for them, however many a batch brings.
    const isRepeat = bindings[index - 1]?.name === binding.name;
    asked.push(isRepeat ? asked[index - 1] : lookUp(binding, index));
  }
  return asked.some(isPending)
    ? inTime(Promise.all(asked)).then((found) => hold(found, 0))
    : hold(asked as readonly (string | undefined)[], 0);
}
