import { setImmediate as nextTurn } from 'node:timers/promises';
import { orOutage, raceAbort, withTimeout } from '../async.ts';
import type { Clock } from '../clock.ts';
import { Outage } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Reason } from '../reasons.ts';
import { deliveryRecord } from '../telemetry/delivery-log.ts';
import type { DeliveryLog, DeliveryRecord } from '../telemetry/delivery-log.ts';
import { judge } from '../verification/check.ts';
import type { Check, Proof, ReceivedRequest, Verdict } from '../verification/check.ts';
import { readBody } from './body.ts';
import type { IncomingRequest } from './body.ts';
import { handleAll, handleEvent, reasonAmong } from './dispatch.ts';
import type { EventOutcome } from './dispatch.ts';
import type { Delivery, Endpoint, VerifiedEvent } from './endpoint.ts';
import { acquireLeases } from './leases.ts';
import { checkReplay } from './replay.ts';
import { handled, refusalFor, replied } from './response.ts';
import type { HttpResponse } from './response.ts';

export type PipelineOptions = {
  readonly ledger: Ledger;
  readonly leaseSeconds: number;
  /** From the end of a request's body to its response. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
};

/** Takes one request through the pipeline. Never rejects, and always responds. */
export type Receive = (request: IncomingRequest, log: DeliveryLog) => Promise<HttpResponse>;

/**
 * The only path of an HTTP request to a handler: read, check, parse, acquire leases and apply replay rules, handler,
 * complete, respond. Nothing of a request is parsed, recorded or passed on before all checks accept.
 */
export function createPipeline<Event extends VerifiedEvent>(
  endpoint: Endpoint<Event>,
  options: PipelineOptions,
): Receive {
  const { timeoutSeconds, clock } = options;
  const { waitSeconds = Number.POSITIVE_INFINITY } = endpoint.delivery?.reply ?? {};
  // After the sender gave up, a response is lost.
  const limitSeconds = Math.min(timeoutSeconds, waitSeconds - 1);

  return async function receive(request, log) {
    const record = deliveryRecord(endpoint, clock);
    let result: HttpResponse | Reason;
    try {
      record.enter('read');
      const body = await readBody(request, endpoint.method, clock, endpoint.maxBodyBytes);
      if (typeof body === 'string') result = body;
      else {
        const received = { url: new URL(request.url), headers: request.headers, body };
        result = await withTimeout(clock, limitSeconds * 1000, (signal) =>
          processRequest(received, signal, record, log),
        );
      }
    } catch (thrown) {
      result = reasonForError(thrown, record.isVerified());
    }
    const [reason, response] =
      typeof result === 'string'
        ? [result, refusalFor(result, endpoint.unavailableStatus)]
        : [undefined, result];
    record.answered(response.status, reason, log);
    return response;
  };

  async function processRequest(
    request: ReceivedRequest,
    signal: AbortSignal,
    record: DeliveryRecord,
    log: DeliveryLog,
  ): Promise<HttpResponse | Reason> {
    record.enter('checks');
    const verdict = await runChecks(checksOf(endpoint, request), request, { clock, signal, record });
    if (verdict.outcome !== 'accepted') return verdict.reason;
    const { proof } = verdict;
    record.verified(proof);
    if (!endpoint.accepts(request.headers.get('content-type'))) return 'content-type';

    const response = endpoint.respond?.(request);
    if (response !== undefined) return response;
    if (!endpoint.delivery) return 'no-events';
    return deliver(endpoint.delivery, request, proof, signal, record, log);
  }

  async function deliver(
    { parse, replayRules, handlerFor, reply, remembered, concurrency }: Delivery<Event>,
    request: ReceivedRequest,
    proof: Proof,
    signal: AbortSignal,
    record: DeliveryRecord,
    log: DeliveryLog,
  ): Promise<HttpResponse | Reason> {
    record.enter('parse');
    const parsed = parse(request, proof);
    if (typeof parsed === 'string') return parsed;
    const { events, unusable } = parsed;
    record.unusable(unusable);
    const work = distinct(events).map((event) => ({ event, handler: handlerFor(event) }));

    // Leases are asked for together with the replay rules: one round trip to the ledger. No handler runs before both.
    const wanted = work.filter(({ handler }) => handler).map(({ event }) => event);
    const awaitReply = reply !== undefined;
    const leases = acquireLeases(wanted, options.ledger, { ...options, signal, awaitReply });
    try {
      record.enter('bindings');
      const rules = replayRules?.(proof, request.body, events) ?? [];
      const { refused, known } = await checkReplay(rules, options.ledger, signal, record.reported);
      if (refused) return refused;

      // While the handlers run: it costs them no round trip, and is stored even if they fail.
      const values = remembered?.(proof, events, known) ?? [];
      const stored = Promise.all(
        values.map(({ name, value, seconds }) => options.ledger.putIfAbsent(name, value, seconds)),
      );
      stored.catch(() => {});

      record.enter('handlers');
      let text: string | undefined;
      const onReply = (found: string | undefined) => void (text = found);
      const outcomes = await handleAll(
        work,
        concurrency,
        async ({ event, handler }): Promise<EventOutcome> => {
          if (!handler) return 'no-handler';
          const { key: idempotencyKey, type: eventType } = event;
          const context = { log: log.handler, idempotencyKey, reference: proof.reference ?? '' };
          const handling = { signal, eventType, log, ...(reply && { reply: { ...reply, onReply } }) };
          const run = (own: AbortSignal) => handler({ ...context, signal: own }, known);
          return handleEvent(await leases.of(event), run, handling);
        },
      );
      const byKey = new Map(work.map(({ event }, index) => [event.key, outcomes[index]]));
      for (const { type, key } of events) {
        const outcome = byKey.get(key) ?? 'delivery-threw';
        record.delivered(type, outcome);
        if (outcome === 'handled') byKey.set(key, 'handled-before');
      }
      const failure = reasonAmong(outcomes);
      if (failure) return failure;
      await orOutage(stored, signal, 'ledger-unavailable');
      return reply ? replied(reply.contentType, text ?? reply.serialize(undefined)) : handled;
    } finally {
      await leases.releaseUnused();
    }
  }
}

/** One request can bring the same event twice. The first is handled, and the others take its outcome. */
function distinct<Event extends VerifiedEvent>(events: readonly Event[]): readonly Event[] {
  const byKey = new Map<string, Event>();
  for (const event of events) if (!byKey.has(event.key)) byKey.set(event.key, event);
  return [...byKey.values()];
}

/**
 * The checks of a request. The Functions host passes on a body only with its length, so a chunked one is missing here.
 * Such a request ends before the first check that needs its body. A refusal would be final, so it is an outage. A GET
 * needs no body.
 */
export function checksOf(
  { checks, delivery, method }: Pick<Endpoint, 'checks'> & Partial<Pick<Endpoint, 'delivery' | 'method'>>,
  { headers, body }: ReceivedRequest,
): readonly Check[] {
  const takesBody = delivery !== undefined && method !== 'GET';
  const isMissing = takesBody && body.length === 0 && headers.get('transfer-encoding') !== null;
  if (!isMissing) return checks;
  const end = checks.findIndex(({ needsBody }) => needsBody);
  return [...checks.slice(0, end < 0 ? checks.length : end), bodyMissing];
}

const bodyMissing: Check = {
  name: 'body',
  async run() {
    throw new Outage('body-chunked');
  },
};

/** Runs the checks in their order until one does not accept, and adds up what they verified. */
export async function runChecks(
  checks: readonly Check[],
  request: ReceivedRequest,
  options: { clock: Clock; signal: AbortSignal; record: Pick<DeliveryRecord, 'checked'> },
): Promise<Verdict> {
  const { clock, signal, record } = options;
  const reported: Reason[] = [];
  let proof: Proof = {};
  // An empty list would accept everybody.
  if (checks.length === 0) return { outcome: 'rejected', reason: 'check-threw' };
  for (const check of checks) {
    const began = clock.ticks();
    const verdict = await raceAbort(judge(check, request, signal, proof), signal, hung);
    record.checked({ name: check.name, outcome: verdict.outcome, milliseconds: clock.ticks() - began });
    if (verdict.outcome !== 'accepted') return verdict;
    reported.push(...(verdict.proof.reported ?? []));
    proof = { ...proof, ...verdict.proof };
  }
  return { outcome: 'accepted', proof: { ...proof, reported } };
}

/** A check that does not end although the signal aborted is broken. The sender is answered all the same. */
async function hung(): Promise<Verdict> {
  // Checks that heed the signal report their outage first: an outage must stay one.
  await nextTurn();
  return { outcome: 'rejected', reason: 'check-threw' };
}

/** An unexpected error is a rejection before verification and a server error after it. */
export function reasonForError(thrown: unknown, isVerified: boolean): Reason {
  if (!isVerified) return 'check-threw';
  return thrown instanceof Outage ? thrown.reason : 'delivery-threw';
}
