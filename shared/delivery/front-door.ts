import { andThen, isPending } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import { deadline } from '../async.ts';
import type { Deadline } from '../async.ts';
import { reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import { deliveryRecord } from '../telemetry/delivery-log.ts';
import type { DeliveryLog, DeliveryRecord } from '../telemetry/delivery-log.ts';
import type { Check, ReceivedRequest } from '../verification/check.ts';
import { answerTo } from './answer.ts';
import type { Answer } from './answer.ts';
import { isJsonContentType } from './content-type.ts';
import { deliverEvents } from './deliver-events.ts';
import type { Delivering } from './deliver-events.ts';
import type { VerifiedEvent } from './provider.ts';
import { readBody } from './read-body.ts';
import type { IncomingRequest } from './read-body.ts';
import { runChecks } from './run-checks.ts';
import { unforeseen } from './unforeseen.ts';

/** What a trigger says about itself: who sends, what is checked in which order, who handles. */
export type Door<Event extends VerifiedEvent> = Delivering<Event> & {
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

/** Takes a request through the door. Never rejects, and always answers. */
export type Deliver = (request: IncomingRequest, log: DeliveryLog) => Promise<Answer>;

/**
 * The one way of every delivery: read, check, parse, bind, claim, handle, settle, answer. Nothing of the request is
 * parsed, claimed or handed over before all checks accept, and there is no other way to a handler.
 */
export function frontDoor<Event extends VerifiedEvent>(door: Door<Event>): Deliver {
  const { provider, route, timeoutSeconds, clock } = door;
  return async function deliver(request, log) {
    const record = deliveryRecord(provider.name, route, clock);
    let limit: Deadline | undefined;
    let result: Answer | Reason;
    try {
      record.enter('read');
      const body = await readBody(request, clock);
      if (typeof body === 'string') result = body;
      else {
        limit = deadline(clock, timeoutSeconds * 1000);
        const passed = pass(door, request, body, limit.signal, record, log);
        result = isPending(passed) ? await passed : passed;
      }
    } catch (thrown) {
      result = unforeseen(thrown, record.isVerified());
    }
    limit?.clear();
    const reason = typeof result === 'string' ? result : undefined;
    const answer =
      typeof result === 'string' ? answerTo(reasons[result].answer, provider.unavailableStatus) : result;
    record.answered(answer.status, reason, log);
    return answer;
  };
}

/** What comes of a request whose body is here. */
function pass<Event extends VerifiedEvent>(
  door: Door<Event>,
  request: IncomingRequest,
  body: Uint8Array,
  signal: AbortSignal,
  record: DeliveryRecord,
  log: DeliveryLog,
): Awaitable<Answer | Reason> {
  const { checks, clock } = door;
  const received = { url: new URL(request.url), headers: request.headers, body };
  record.enter('checks');
  return andThen(runChecks(checks, received, { clock, signal, onResult: record.checked }), (verdict) => {
    if (verdict.outcome !== 'accepted') return verdict.reason;
    record.verified(verdict.proof);
    if (!isJsonContentType(request.headers.get('content-type'))) return 'content-type';
    return door.respond?.(received) ?? deliverEvents(door, body, verdict.proof, signal, record, log);
  });
}
