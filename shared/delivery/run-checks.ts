import { andThen, isPending } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { raceAbort } from '../async.ts';
import type { Reason } from '../reasons.ts';
import { judge } from '../verification/check.ts';
import type { Check, ReceivedRequest, Proof, Verdict } from '../verification/check.ts';

/** How one check went, for the log and the page. */
export type CheckResult = {
  readonly name: string;
  readonly outcome: Verdict['outcome'];
  readonly milliseconds: number;
};

/**
 * Runs the checks in their order until one does not accept, and adds up what they proved. The verdict is here at once where
 * no check has to wait.
 *
 * @param onResult told of each check that ran
 */
export function runChecks(
  checks: readonly Check[],
  request: ReceivedRequest,
  options: { clock: Clock; signal: AbortSignal; onResult: (result: CheckResult) => void },
): Awaitable<Verdict> {
  const { clock, signal, onResult } = options;
  const reported: Reason[] = [];
  let proof: Proof = {};
  let began = clock.ticks();

  function runFrom(index: number): Awaitable<Verdict> {
    const check = checks[index];
    if (!check) return { outcome: 'accepted', proof: { ...proof, reported } };
    return andThen(untilHung(judge(check, request, signal, proof), signal), (verdict) => {
      const ended = clock.ticks();
      onResult({ name: check.name, outcome: verdict.outcome, milliseconds: ended - began });
      began = ended;
      if (verdict.outcome !== 'accepted') return verdict;
      if (verdict.proof.reported) reported.push(...verdict.proof.reported);
      proof = { ...proof, ...verdict.proof };
      return runFrom(index + 1);
    });
  }
  return runFrom(0);
}

/** A check that does not end although the signal aborted is broken; the sender is answered all the same. */
function untilHung(judged: Awaitable<Verdict>, signal: AbortSignal): Awaitable<Verdict> {
  if (!isPending(judged)) return judged;
  return raceAbort<Verdict>(judged, signal, async () => {
    // After everything that heeds the signal has had its turn: an outage that a check reports must stay one.
    await new Promise((resolve) => setImmediate(resolve));
    return { outcome: 'rejected', reason: 'check-threw' };
  });
}
