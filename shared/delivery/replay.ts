import { orOutage } from '../async.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RejectionReason } from '../reasons.ts';

/** `report` logs a violation, `enforce` refuses it: for rules that the vendor does not document. */
export type RuleMode = 'report' | 'enforce';

/** A name that may have only one value: the first one that the ledger receives. It is never replaced. */
export type ReplayRule = {
  readonly name: string;
  readonly value: string;
  /** Whether this request keeps to the value that the ledger has. By default the two must be equal. */
  readonly agrees?: (known: string) => boolean;
  /** How long the ledger remembers the value. */
  readonly seconds: number;
  readonly mode: RuleMode;
  /** The reason for a second value, reported or refused. */
  readonly conflict: RejectionReason;
};

/**
 * Checks a request for replay, by its rules in their order.
 *
 * The first value is written while the others are only read, all at once: what is known by now, such as the call of a
 * reference, takes one round trip. A later value is written only if the rules before it hold, so that a request that is
 * refused for its token claims no reference.
 *
 * @returns the reason to refuse the request, if there is one, and the value that the ledger has for each name
 */
export async function checkReplay(
  rules: readonly ReplayRule[],
  ledger: Ledger,
  signal: AbortSignal,
  onReport: (reason: RejectionReason) => void,
): Promise<{ readonly refused?: RejectionReason; readonly known: ReadonlyMap<string, string> }> {
  const inTime = <Value>(work: Promise<Value>) => orOutage(work, signal, 'ledger-unavailable');
  const write = ({ name, value, seconds }: ReplayRule) => ledger.putIfAbsent(name, value, seconds);

  const reads = new Map<string, Promise<string | undefined>>();
  for (const [index, rule] of rules.entries()) {
    // A batch can bring many values of one name. One read serves them all.
    if (!reads.has(rule.name)) reads.set(rule.name, index === 0 ? write(rule) : ledger.get(rule.name));
  }
  await inTime(Promise.all(reads.values()));

  const known = new Map<string, string>();
  for (const rule of rules) {
    const value = known.get(rule.name) ?? (await reads.get(rule.name)) ?? (await inTime(write(rule)));
    known.set(rule.name, value);
    if (rule.agrees ? rule.agrees(value) : value === rule.value) continue;
    if (rule.mode === 'enforce') return { refused: rule.conflict, known };
    onReport(rule.conflict);
  }
  return { known };
}
