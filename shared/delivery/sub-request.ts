import type { Clock } from '../clock.ts';
import { withTimeout } from '../async.ts';
import { reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import { deliveryRecord } from '../telemetry/delivery-log.ts';
import type { DeliveryRecord } from '../telemetry/delivery-log.ts';
import type { Check } from '../verification/check.ts';
import { answerTo } from './answer.ts';
import type { Deliver } from './front-door.ts';
import type { IncomingRequest } from './read-body.ts';
import { runChecks } from './run-checks.ts';

/**
 * Answers a proxy that asks whether to let a request through: 204, 401, or 503 where we cannot tell. It is no delivery:
 * there is no body, no content type is asked for, nothing is remembered, so that the same request passes afterwards.
 *
 * @param checksFor what the proxy asks for decides what is checked
 */
export function answerSubRequest(options: {
  route: string;
  checksFor: (url: URL) => readonly Check[];
  timeoutSeconds: number;
  clock: Clock;
}): Deliver {
  const { route, checksFor, timeoutSeconds, clock } = options;

  async function reasonAgainst(
    request: IncomingRequest,
    signal: AbortSignal,
    record: DeliveryRecord,
  ): Promise<Reason | undefined> {
    const received = { url: new URL(request.url), headers: request.headers, body: new Uint8Array() };
    record.enter('checks');
    const verdict = await runChecks(checksFor(received.url), received, {
      clock,
      signal,
      onResult: record.checked,
    });
    if (verdict.outcome !== 'accepted') return verdict.reason;
    record.verified(verdict.proof);
    return undefined;
  }

  return async function answer(request, log) {
    const record = deliveryRecord('perimeter', route, clock);
    // Nothing here is proved, so whatever is unforeseen is the sender's doing.
    const reason = await withTimeout(clock, timeoutSeconds * 1000, (signal) =>
      reasonAgainst(request, signal, record),
    ).catch(() => 'check-threw' as const);
    const answered = reason ? answerTo(reasons[reason].answer, 503) : { status: 204 };
    record.answered(answered.status, reason, log);
    return answered;
  };
}
