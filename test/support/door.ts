import { callAutomation, callEventHandler } from '../../shared/delivery/call-automation.ts';
import type { VerifiedCallEvent } from '../../shared/delivery/call-automation.ts';
import { frontDoor } from '../../shared/delivery/front-door.ts';
import type { Door } from '../../shared/delivery/front-door.ts';
import type { CallContext, CallEventHandlers, HandlerContext } from '../../shared/events/handlers.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import type { Check } from '../../shared/verification/check.ts';
import { manualClock } from '../clock.ts';
import type { ManualClock } from '../clock.ts';
import { capturedLog } from './log.ts';

export const REFERENCE = 'abcdefghijklmnopqrstuQ';
export const TIMEOUT_SECONDS = 20;
export const LEASE_SECONDS = 8;

/** A check that lets everything in, and one that says what it did. */
export const accepting: Check = { name: 'accepting', run: async () => ({ reference: REFERENCE }) };
export const checking = (name: string, run: Check['run']): Check => ({ name, run });

/** The context as the pipeline makes it: without what only a real call can do. */
export const asGiven = (_event: unknown, context: HandlerContext) => context as CallContext;

/** The front door of Call Automation with one part or the other exchanged, on a clock of the test's own. */
export function doorOf(
  change: Partial<Door<VerifiedCallEvent>> & {
    readonly clock?: ManualClock;
    readonly handlers?: CallEventHandlers;
  } = {},
) {
  const { handlers = { otherwise: () => {} }, ...rest } = change;
  const clock = change.clock ?? manualClock();
  const door: Door<VerifiedCallEvent> = {
    provider: callAutomation,
    route: 'callbacks/call-automation',
    checks: [accepting],
    replayRules: () => [],
    handlerFor: callEventHandler(handlers, asGiven),
    ledger: memoryLedger(clock),
    leaseSeconds: LEASE_SECONDS,
    timeoutSeconds: TIMEOUT_SECONDS,
    clock,
    ...rest,
  };
  const deliver = frontDoor(door);
  return {
    clock,
    ledger: door.ledger,
    /** Delivers and tells the answer together with what was logged of it. */
    async deliver(request: Parameters<typeof deliver>[0]) {
      const captured = capturedLog();
      const answer = await deliver(request, captured.log);
      return { answer, status: answer.status, line: captured.lines()[0], ...captured };
    },
    /** The same, with a log of the test's own. */
    deliverTo: deliver,
  };
}

type Sent = {
  readonly body?: string | Uint8Array | null;
  readonly headers?: Record<string, string>;
  readonly url?: string;
};

export function posted({ body = JSON.stringify([callEvent()]), headers = {}, url }: Sent = {}): Request {
  return new Request(url ?? 'https://app.example/api/callbacks/call-automation', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== null && { body: typeof body === 'string' ? body : Buffer.from(body) }),
  });
}

/** An event as Call Automation sends it. */
export function callEvent(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'event-1',
    source: 'calling/callConnections/connection-1',
    type: 'Microsoft.Communication.CallConnected',
    data: { callConnectionId: 'connection-1' },
    specversion: '1.0',
    ...change,
  };
}
