import { isJsonContentType } from '../../shared/delivery/body.ts';
import type { Delivery, Endpoint } from '../../shared/delivery/endpoint.ts';
import { createPipeline } from '../../shared/delivery/pipeline.ts';
import type { CallContext, CallEventHandlers, HandlerContext } from '../../shared/events/handlers.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { callEventHandler, callEvents } from '../../shared/providers/call-automation.ts';
import type { VerifiedCallEvent } from '../../shared/providers/call-automation.ts';
import type { Check } from '../../shared/verification/check.ts';
import { manualClock } from '../clock.ts';
import type { ManualClock } from '../clock.ts';
import { capturedLog } from './log.ts';

export const REFERENCE = 'abcdefghijklmnopqrstuQ';
export const TIMEOUT_SECONDS = 20;
export const LEASE_SECONDS = 8;

/** A check that accepts every request. */
export const accepting: Check = { name: 'accepting', run: async () => ({ reference: REFERENCE }) };
export const checking = (name: string, run: Check['run']): Check => ({ name, run });

/** The context as the pipeline makes it: without what only a real call can do. */
export const asGiven = (_event: unknown, context: HandlerContext) => context as CallContext;

/** The pipeline of Call Automation's callbacks with some parts replaced, on a clock of the test. */
export function pipelineOf({
  clock = manualClock(),
  ledger = memoryLedger(clock),
  handlers = { otherwise: () => {} },
  delivery = {},
  ...changed
}: Partial<Omit<Endpoint, 'delivery'>> & {
  readonly delivery?: Partial<Delivery<VerifiedCallEvent>>;
  readonly handlers?: CallEventHandlers;
  readonly clock?: ManualClock;
  readonly ledger?: Ledger;
} = {}) {
  const endpoint: Endpoint<VerifiedCallEvent> = {
    provider: 'call-automation',
    function: 'call-automation',
    method: 'POST',
    path: 'callbacks/call-automation',
    checks: [accepting],
    unavailableStatus: 503,
    accepts: isJsonContentType,
    ...changed,
    delivery: { ...callEvents, handlerFor: callEventHandler(handlers, asGiven), ...delivery },
  };
  const receive = createPipeline(endpoint, {
    ledger,
    leaseSeconds: LEASE_SECONDS,
    timeoutSeconds: TIMEOUT_SECONDS,
    clock,
  });
  return {
    clock,
    ledger,
    /** Sends a request through the pipeline, and returns the response together with what was logged. */
    async deliver(request: Parameters<typeof receive>[0]) {
      const captured = capturedLog();
      const response = await receive(request, captured.log);
      return { response, status: response.status, entry: captured.entries()[0], ...captured };
    },
    /** The same with a log of the test. */
    receive,
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
