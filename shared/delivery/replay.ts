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
  /** Where the value is stored; by default in the ledger of the request. */
  readonly store?: ValueStore;
};

export type ValueStore = Pick<Ledger, 'get' | 'putIfAbsent'>;

/**
 * Checks a request for replay, by its rules in their order.
 *
 * All values are written or read at once: one round trip. A value that follows a rule which may refuse the request is only
 * read then, and written if that rule holds, so that a request that is refused for its token claims no reference.
 *
 * @returns the reason to refuse the request, if there is one, and the value that is stored for each name
 */
export async function checkReplay(
  rules: readonly ReplayRule[],
  ledger: ValueStore,
  signal: AbortSignal,
  onReport: (reason: RejectionReason) => void,
): Promise<{ readonly refused?: RejectionReason; readonly known: ReadonlyMap<string, string> }> {
  const inTime = <Value>(work: Promise<Value>) => orOutage(work, signal, 'ledger-unavailable');
  const write = ({ name, value, seconds, store = ledger }: ReplayRule) =>
    store.putIfAbsent(name, value, seconds);

  const found = new Map<string, Promise<string | undefined>>();
  let mayBeRefused = false;
  for (const rule of rules) {
    const { name, mode, store = ledger } = rule;
    // A batch can bring many values of one name. One read serves them all.
    if (!found.has(name)) found.set(name, mayBeRefused ? store.get(name) : write(rule));
    mayBeRefused ||= mode === 'enforce';
  }
  await inTime(Promise.all(found.values()));

  const known = new Map<string, string>();
  for (const rule of rules) {
    const value = known.get(rule.name) ?? (await found.get(rule.name)) ?? (await inTime(write(rule)));
    known.set(rule.name, value);
    if (rule.agrees ? rule.agrees(value) : value === rule.value) continue;
    if (rule.mode === 'enforce') return { refused: rule.conflict, known };
    onReport(rule.conflict);
  }
  return { known };
}
