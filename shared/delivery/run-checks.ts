import type { Clock } from '../clock.ts';
import { abortOf } from '../or-abort.ts';
import type { Reason } from '../reasons.ts';
import { judge } from '../verification/check.ts';
import type { Check, ReceivedRequest } from '../verification/check.ts';
import type { Proof, Verdict } from '../verification/verdict.ts';

/** How one check went, for the log and the page. */
export type CheckResult = {
  readonly name: string;
  readonly outcome: Verdict['outcome'];
  readonly milliseconds: number;
};

/**
 * Runs the checks in their order until one does not accept, and adds up what they proved.
 *
 * @param onResult told of each check that ran
 */
export async function runChecks(
  checks: readonly Check[],
  request: ReceivedRequest,
  options: { clock: Clock; signal: AbortSignal; onResult: (result: CheckResult) => void },
): Promise<Verdict> {
  const { clock, signal, onResult } = options;
  const late = hung(signal);
  const reported: Reason[] = [];
  let proof: Proof = {};
  for (const check of checks) {
    const started = clock.ticks();
    const verdict = await Promise.race([judge(check, request, signal, proof), late]);
    onResult({ name: check.name, outcome: verdict.outcome, milliseconds: clock.ticks() - started });
    if (verdict.outcome !== 'accepted') return verdict;
    reported.push(...(verdict.proof.reported ?? []));
    proof = { ...proof, ...verdict.proof };
  }
  return { outcome: 'accepted', proof: { ...proof, reported } };
}

/** A check that does not end although the signal aborted is broken; the sender is answered all the same. */
async function hung(signal: AbortSignal): Promise<Verdict> {
  await abortOf(signal);
  // After everything that heeds the signal has had its turn: an outage that a check reports must stay one.
  await new Promise((resolve) => setImmediate(resolve));
  return { outcome: 'rejected', reason: 'check-threw' };
}
