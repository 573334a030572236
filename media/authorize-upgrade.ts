import type { App } from '../shared/app.ts';
import { endedName, ticketName } from '../shared/calls/uris.ts';
import type { Clock } from '../shared/clock.ts';
import { orOutage, withTimeout } from '../shared/async.ts';
import { acquireInTime } from '../shared/delivery/leases.ts';
import { reasonForError, runChecks } from '../shared/delivery/pipeline.ts';
import { checkReplay } from '../shared/delivery/replay.ts';
import type { Lease, Ledger } from '../shared/ledger/ledger.ts';
import type { Reason } from '../shared/reasons.ts';
import type { Upgrade } from '../shared/providers/provider.ts';
import { SettingsError } from '../shared/settings/settings.ts';
import type { DeliveryRecord } from '../shared/telemetry/delivery-log.ts';
import type { ReceivedRequest, Proof } from '../shared/verification/check.ts';

/** How upgrades are verified. */
export type UpgradeOptions = Upgrade & {
  readonly ledger: Ledger;
  readonly leaseSeconds: number;
  /** From the arrival of an upgrade to its response. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
};

/** A verified upgrade. It holds a connection of the limit and the lease of its ticket. */
export type AuthorizedUpgrade = {
  readonly proof: Proof;
  /** The name of the ticket in the ledger. */
  readonly ticket: string;
  readonly callConnectionId: string | undefined;
  readonly lease: Lease;
  readonly releaseConnection: () => void;
};

/** A semaphore for the WebSockets of this instance. */
export type ConnectionLimit = {
  /** @returns the function that releases the connection, once; undefined if the limit is reached */
  acquire(): (() => void) | undefined;
  isReached(): boolean;
};

/** @throws SettingsError if ACS_RESOURCE_ID, the audience of the tokens, is missing */
export function upgradeOptions({ settings, clock, strictLedger, senders }: App): UpgradeOptions {
  const upgrade = senders.find((sender) => sender.upgrade)?.upgrade;
  if (!upgrade) throw new SettingsError(['ACS_RESOURCE_ID is missing: without it no socket can be let in']);
  return {
    ...upgrade,
    // During a ledger outage we cannot tell whether a ticket is in use, so every upgrade is refused.
    ledger: strictLedger,
    leaseSeconds: settings.LEDGER_LEASE_SECONDS,
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
    isReached: () => open >= capacity,
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
    return reasonForError(thrown, record.isVerified());
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
  const verdict = await runChecks(checks, request, { clock, signal, record });
  if (verdict.outcome !== 'accepted') return verdict.reason;
  const { proof } = verdict;
  record.verified(proof);

  const call = callOf(request);
  record.enter('bindings');
  const rules = options.replayRules(proof, call);
  const [{ refused }, end] = await Promise.all([
    checkReplay(rules, ledger, signal, record.reported),
    orOutage(ledger.get(endedName(proof.reference ?? '')), signal, 'ledger-unavailable'),
  ]);
  if (refused) return refused;
  // Ticket and token outlive their call by up to a day, and a captured pair must not.
  if (end !== undefined) return 'ticket-of-ended-call';

  const releaseConnection = connections.acquire();
  if (!releaseConnection) return 'sockets-exhausted';
  try {
    record.enter('claim');
    const ticket = ticketName(proof.purpose ?? '', proof.reference ?? '');
    const acquisition = await acquireInTime(ledger.acquire({ key: ticket }, leaseSeconds), signal);
    if (acquisition.state === 'acquired') {
      return {
        proof,
        ticket,
        callConnectionId: call.callConnectionId,
        lease: acquisition.lease,
        releaseConnection,
      };
    }
  } catch (thrown) {
    releaseConnection();
    throw thrown;
  }
  releaseConnection();
  return 'ticket-in-use';
}

/** The call that the sender says it streams: headers that no signature covers. */
function callOf({ headers }: ReceivedRequest) {
  const idIn = (header: string) => {
    const id = headers.get(header) ?? '';
    return /^[\w-]{1,128}$/.test(id) ? id : undefined;
  };
  return {
    callConnectionId: idIn('x-ms-call-connection-id'),
    correlationId: idIn('x-ms-call-correlation-id'),
  };
}
