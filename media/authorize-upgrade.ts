import type { Assembly } from '../shared/assembly.ts';
import { upgradeChecks } from '../shared/checks/call-automation.ts';
import type { Clock } from '../shared/clock.ts';
import { withTimeout } from '../shared/async.ts';
import { checkReplay } from '../shared/delivery/bindings.ts';
import type { RuleMode } from '../shared/delivery/bindings.ts';
import { runChecks } from '../shared/delivery/run-checks.ts';
import { unforeseen } from '../shared/delivery/unforeseen.ts';
import { acquireInTime } from '../shared/ledger/claim-in-time.ts';
import type { Lease, Ledger } from '../shared/ledger/ledger.ts';
import type { Reason } from '../shared/reasons.ts';
import { SettingsError } from '../shared/settings.ts';
import type { DeliveryRecord } from '../shared/telemetry/delivery-log.ts';
import type { Check, ReceivedRequest, Proof } from '../shared/verification/check.ts';
import { callConnectionIdOf, upgradeBindings, ticketKey } from './bindings.ts';

/** How upgrades are verified. */
export type UpgradeOptions = {
  readonly checks: readonly Check[];
  readonly ledger: Ledger;
  readonly leaseSeconds: number;
  readonly tokenReuse: RuleMode;
  readonly callBinding: RuleMode;
  readonly toleranceSeconds: number;
  /** From the arrival of an upgrade to its response. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
};

/** A verified upgrade. It holds a connection of the limit and the lease of its ticket. */
export type AuthorizedUpgrade = {
  readonly proof: Proof;
  readonly callConnectionId: string | undefined;
  readonly lease: Lease;
  readonly releaseConnection: () => void;
};

/** A semaphore for the WebSockets of this instance. */
export type ConnectionLimit = {
  /** @returns the function that releases the connection, once; undefined if the limit is reached */
  acquire(): (() => void) | undefined;
};

/** @throws SettingsError if ACS_RESOURCE_ID, the audience of the tokens, is missing */
export function upgradeOptions(assembly: Assembly): UpgradeOptions {
  // During a ledger outage we cannot tell whether a ticket is in use, so every upgrade is refused.
  const { settings, clock, strictLedger: ledger } = assembly;
  const { ACS_RESOURCE_ID: audiences, CLOCK_TOLERANCE_SECONDS: toleranceSeconds } = settings;
  if (!audiences) throw new SettingsError(['ACS_RESOURCE_ID is missing: without it no socket can be let in']);
  return {
    checks: upgradeChecks(assembly, audiences),
    ledger,
    leaseSeconds: settings.LEDGER_LEASE_SECONDS,
    tokenReuse: settings.TOKEN_REUSE,
    callBinding: settings.CALL_BINDING,
    toleranceSeconds,
    timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
    clock,
  };
}

export function connectionLimit(capacity: number): ConnectionLimit {
  let open = 0;
  return {
    acquire() {
      if (open >= capacity) return undefined;
      open++;
      let isHeld = true;
      return function release() {
        if (isHeld) open--;
        isHeld = false;
      };
    },
  };
}

/**
 * Decides about an upgrade before there is a WebSocket: checks, replay, connection limit, ticket. Never rejects.
 *
 * @returns the reason if the upgrade is refused
 */
export async function authorizeUpgrade(
  options: UpgradeOptions,
  request: ReceivedRequest,
  connections: ConnectionLimit,
  record: DeliveryRecord,
): Promise<AuthorizedUpgrade | Reason> {
  const { clock, timeoutSeconds } = options;
  try {
    return await withTimeout(clock, timeoutSeconds * 1000, (signal) =>
      authorize(options, request, connections, record, signal),
    );
  } catch (thrown) {
    return unforeseen(thrown, record.isVerified());
  }
}

async function authorize(
  options: UpgradeOptions,
  request: ReceivedRequest,
  connections: ConnectionLimit,
  record: DeliveryRecord,
  signal: AbortSignal,
): Promise<AuthorizedUpgrade | Reason> {
  const { checks, ledger, leaseSeconds, clock } = options;
  record.enter('checks');
  const verdict = await runChecks(checks, request, { clock, signal, onResult: record.checked });
  if (verdict.outcome !== 'accepted') return verdict.reason;
  const { proof } = verdict;
  record.verified(proof);

  const callConnectionId = callConnectionIdOf(request);
  record.enter('bindings');
  const bindings = upgradeBindings(options, proof, callConnectionId);
  const refused = await checkReplay(bindings, ledger, signal, record.reported);
  if (refused) return refused;

  const releaseConnection = connections.acquire();
  if (!releaseConnection) return 'sockets-exhausted';
  try {
    record.enter('claim');
    const claim = await acquireInTime(ledger.acquire({ key: ticketKey(proof) }, leaseSeconds), signal);
    if (claim.state === 'acquired') return { proof, callConnectionId, lease: claim.lease, releaseConnection };
  } catch (thrown) {
    releaseConnection();
    throw thrown;
  }
  releaseConnection();
  return 'ticket-in-use';
}
