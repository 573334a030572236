import type { Clock } from '../clock.ts';
import { within } from '../deadline.ts';
import { reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import { deliveryRecord } from '../telemetry/delivery-record.ts';
import type { DeliveryLog, DeliveryRecord } from '../telemetry/delivery-record.ts';
import type { Check, ReceivedRequest } from '../verification/check.ts';
import { answerTo } from './answer.ts';
import type { Answer } from './answer.ts';
import { isJsonContentType } from './content-type.ts';
import { deliverEvents } from './deliver-events.ts';
import type { Delivering } from './deliver-events.ts';
import type { ProvedEvent } from './provider.ts';
import { readBody } from './read-body.ts';
import type { IncomingRequest } from './read-body.ts';
import { runChecks } from './run-checks.ts';
import { unforeseen } from './unforeseen.ts';

/** What a trigger says about itself: who sends, what is checked in which order, who handles. */
export type Door<Event extends ProvedEvent> = Delivering<Event> & {
  readonly route: string;
  readonly checks: readonly Check[];
  /**
   * Answers a proved request that brings no events, such as a handshake, or refuses it with a reason; `undefined` lets
   * its events be delivered.
   */
  readonly respond?: (request: ReceivedRequest) => Answer | Reason | undefined;
  /** From the end of a request's body to its answer. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
};

/**
 * How long a body may take to arrive, in milliseconds. It has a time of its own, since whoever drips it must not use up
 * the time of the checks. Both together are how long a request may take in all.
 */
const READING = 5000;

/** Takes a request through the door. Never rejects, and always answers. */
export type Deliver = (request: IncomingRequest, log: DeliveryLog) => Promise<Answer>;

/**
 * The one way of every delivery: read, check, parse, bind, claim, handle, settle, answer. Nothing of the request is
 * parsed, claimed or handed over before all checks accept, and there is no other way to a handler.
 */
export function frontDoor<Event extends ProvedEvent>(door: Door<Event>): Deliver {
  const { provider, route, clock } = door;
  return async function deliver(request, log) {
    const record = deliveryRecord(provider.name, route, clock);
    let result: Answer | Reason;
    try {
      result = await pass(door, request, record, log);
    } catch (thrown) {
      result = unforeseen(thrown, record.isProved());
    }
    const reason = typeof result === 'string' ? result : undefined;
    const answer =
      typeof result === 'string' ? answerTo(reasons[result].answer, provider.unavailableStatus) : result;
    record.answered(answer.status, reason, log);
    return answer;
  };
}

async function pass<Event extends ProvedEvent>(
  door: Door<Event>,
  request: IncomingRequest,
  record: DeliveryRecord,
  log: DeliveryLog,
): Promise<Answer | Reason> {
  const { clock, timeoutSeconds } = door;
  const body = await record.stage('read', () =>
    within(clock, READING, (signal) => readBody(request, signal)).catch(() => 'body-unreadable' as const),
  );
  if (body === undefined) return 'body-too-large';
  if (body === 'body-unreadable') return body;
  return within(clock, timeoutSeconds * 1000, (signal) => prove(door, request, body, signal, record, log));
}

async function prove<Event extends ProvedEvent>(
  door: Door<Event>,
  request: IncomingRequest,
  body: Uint8Array,
  signal: AbortSignal,
  record: DeliveryRecord,
  log: DeliveryLog,
): Promise<Answer | Reason> {
  const { clock } = door;
  const received = { url: new URL(request.url), headers: request.headers, body };
  const verdict = await record.stage('checks', () =>
    runChecks(door.checks, received, { clock, signal, onResult: record.checked }),
  );
  if (verdict.outcome !== 'accepted') return verdict.reason;
  record.proved(verdict.proof);

  if (!isJsonContentType(request.headers.get('content-type'))) return 'content-type';
  return door.respond?.(received) ?? deliverEvents(door, body, verdict.proof, signal, record, log);
}
