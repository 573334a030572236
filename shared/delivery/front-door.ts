import type { Clock } from '../clock.ts';
import { deadline } from '../deadline.ts';
import type { HandlerContext } from '../events/handlers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Outage } from '../outage.ts';
import { reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import { deliveryRecord } from '../telemetry/delivery-record.ts';
import type { DeliveryLog, DeliveryRecord } from '../telemetry/delivery-record.ts';
import type { Check } from '../verification/check.ts';
import { answerTo, handled } from './answer.ts';
import type { Answer } from './answer.ts';
import { holdBindings } from './bindings.ts';
import type { BindingsOf } from './bindings.ts';
import { isJsonContentType } from './content-type.ts';
import { deliverAll, reasonAmong } from './deliver-all.ts';
import { deliverEvent } from './deliver-event.ts';
import type { ProvedEvent, Provider } from './provider.ts';
import { readBody } from './read-body.ts';
import type { IncomingRequest } from './read-body.ts';
import { runChecks } from './run-checks.ts';

/** What a trigger says about itself: who sends, what is checked in which order, who handles. */
export type Door<Event extends ProvedEvent> = {
  readonly provider: Provider<Event>;
  readonly route: string;
  readonly checks: readonly Check[];
  readonly bindingsOf: BindingsOf<Event>;
  readonly handlerFor: (event: Event) => ((context: HandlerContext) => unknown) | undefined;
  readonly ledger: Ledger;
  readonly leaseSeconds: number;
  /** From the arrival of a request to its answer. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
};

/** Takes a request through the door. Never rejects, and always answers. */
export type Deliver = (request: IncomingRequest, log: DeliveryLog) => Promise<Answer>;

/**
 * The one way of every delivery: read, check, parse, bind, claim, handle, settle, answer. Nothing of the request is parsed,
 * claimed or handed over before all checks accept, and there is no other way to a handler.
 */
export function frontDoor<Event extends ProvedEvent>(door: Door<Event>): Deliver {
  const { provider, route, timeoutSeconds, clock } = door;
  return async function deliver(request, log) {
    const record = deliveryRecord(provider.name, route, clock);
    const limit = deadline(clock, timeoutSeconds * 1000);
    let reason: Reason | undefined;
    try {
      reason = await pass(door, request, limit.signal, record, log);
    } catch (thrown) {
      reason = unforeseen(thrown, record.isProved());
    }
    limit.clear();
    const answer = reason ? answerTo(reasons[reason].answer, provider.unavailableStatus) : handled;
    record.answered(answer.status, reason, log);
    return answer;
  };
}

/** Before the proof everything unforeseen is the sender's doing; after it, it is ours. */
function unforeseen(thrown: unknown, proved: boolean): Reason {
  if (!proved) return 'check-threw';
  return thrown instanceof Outage ? thrown.reason : 'delivery-threw';
}

/** @returns why the answer is not 200, if it is not */
async function pass<Event extends ProvedEvent>(
  door: Door<Event>,
  request: IncomingRequest,
  signal: AbortSignal,
  record: DeliveryRecord,
  log: DeliveryLog,
): Promise<Reason | undefined> {
  const { provider, clock } = door;
  const body = await record.stage('read', () =>
    readBody(request, signal).catch(() => 'body-unreadable' as const),
  );
  if (body === undefined) return 'body-too-large';
  if (body === 'body-unreadable') return body;

  const received = { url: new URL(request.url), headers: request.headers, body };
  const verdict = await record.stage('checks', () =>
    runChecks(door.checks, received, { clock, signal, onResult: record.checked }),
  );
  if (verdict.outcome !== 'accepted') return verdict.reason;
  record.proved(verdict.proof);

  if (!isJsonContentType(request.headers.get('content-type'))) return 'content-type';
  const events = provider.parse(body);
  if (typeof events === 'string') return events;

  const bindings = door.bindingsOf(verdict.proof, body, events);
  const refused = await record.stage('bindings', () =>
    holdBindings(bindings, door.ledger, signal, record.reported),
  );
  if (refused) return refused;

  const reference = verdict.proof.reference ?? '';
  const outcomes = await record.stage('handlers', () =>
    deliverAll(events, provider.concurrency, async (event) => {
      const handler = door.handlerFor(event);
      const context = { log: log.handler, signal, idempotencyKey: event.key, reference };
      const outcome = await deliverEvent(event.key, handler && (() => handler(context)), door.ledger, {
        leaseSeconds: door.leaseSeconds,
        clock,
        signal,
        onThrow: (thrown) => log.handlerThrew(event.type, thrown),
      });
      record.delivered(event.type, outcome);
      return outcome;
    }),
  );
  return reasonAmong(outcomes);
}
