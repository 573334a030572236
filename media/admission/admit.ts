import type { Clock } from '../../shared/clock.ts';
import { withTimeout } from '../../shared/async.ts';
import { checkReplay } from '../../shared/delivery/bindings.ts';
import type { RuleMode } from '../../shared/delivery/bindings.ts';
import { runChecks } from '../../shared/delivery/run-checks.ts';
import { unforeseen } from '../../shared/delivery/unforeseen.ts';
import { acquireInTime } from '../../shared/ledger/claim-in-time.ts';
import type { Lease, Ledger } from '../../shared/ledger/ledger.ts';
import type { Reason } from '../../shared/reasons.ts';
import type { DeliveryRecord } from '../../shared/telemetry/delivery-log.ts';
import type { Check, ReceivedRequest, Proof } from '../../shared/verification/check.ts';
import { callConnectionIdOf, upgradeBindings, ticketKey } from './bindings.ts';
import type { Seats } from './seats.ts';

/** What it takes to let a socket in. */
export type Admission = {
  readonly checks: readonly Check[];
  readonly ledger: Ledger;
  readonly leaseSeconds: number;
  readonly tokenReuse: RuleMode;
  readonly callBinding: RuleMode;
  readonly toleranceSeconds: number;
  /** From the arrival of an upgrade to its answer. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
};

/** A socket that may come in: its seat and its ticket are held for it. */
export type Admitted = {
  readonly proof: Proof;
  readonly callConnectionId: string | undefined;
  readonly lease: Lease;
  readonly giveBack: () => void;
};

/**
 * Decides about an upgrade before there is a WebSocket: checks, what came before, a seat, the ticket. Never rejects.
 *
 * @returns the reason to refuse it, if there is one
 */
export async function admit(
  admission: Admission,
  request: ReceivedRequest,
  seats: Seats,
  record: DeliveryRecord,
): Promise<Admitted | Reason> {
  const { clock, timeoutSeconds } = admission;
  try {
    return await withTimeout(clock, timeoutSeconds * 1000, (signal) =>
      pass(admission, request, seats, record, signal),
    );
  } catch (thrown) {
    return unforeseen(thrown, record.isVerified());
  }
}

async function pass(
  admission: Admission,
  request: ReceivedRequest,
  seats: Seats,
  record: DeliveryRecord,
  signal: AbortSignal,
): Promise<Admitted | Reason> {
  const { checks, ledger, leaseSeconds, clock } = admission;
  record.enter('checks');
  const verdict = await runChecks(checks, request, { clock, signal, onResult: record.checked });
  if (verdict.outcome !== 'accepted') return verdict.reason;
  const { proof } = verdict;
  record.verified(proof);

  const callConnectionId = callConnectionIdOf(request);
  record.enter('bindings');
  const bindings = upgradeBindings(admission, proof, callConnectionId);
  const refused = await checkReplay(bindings, ledger, signal, record.reported);
  if (refused) return refused;

  const giveBack = seats.take();
  if (!giveBack) return 'sockets-exhausted';
  try {
    record.enter('claim');
    const claim = await acquireInTime(ledger.acquire({ key: ticketKey(proof) }, leaseSeconds), signal);
    if (claim.state === 'acquired') return { proof, callConnectionId, lease: claim.lease, giveBack };
  } catch (thrown) {
    giveBack();
    throw thrown;
  }
  giveBack();
  return 'ticket-in-use';
}
