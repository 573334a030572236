import { andFinally, andThen } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { HandlerContext } from '../events/handlers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Reason } from '../reasons.ts';
import type { DeliveryLog, DeliveryRecord } from '../telemetry/delivery-log.ts';
import type { Proof } from '../verification/check.ts';
import { handled } from './answer.ts';
import type { Answer } from './answer.ts';
import { checkReplay } from './bindings.ts';
import type { ReplayRulesOf } from './bindings.ts';
import { claimEvents } from './claim-events.ts';
import { deliverAll, reasonAmong } from './deliver-all.ts';
import { deliverEvent } from './deliver-event.ts';
import type { EventOutcome } from './deliver-event.ts';
import type { VerifiedEvent, Provider } from './provider.ts';

/** What it takes to hand the events of a proved request over. */
export type Delivering<Event extends VerifiedEvent> = {
  readonly provider: Provider<Event>;
  readonly replayRules: ReplayRulesOf<Event>;
  /** The user's handler for an event, if there is one. */
  readonly handlerFor: (event: Event) => ((context: HandlerContext) => unknown) | undefined;
  readonly ledger: Ledger;
  readonly leaseSeconds: number;
  readonly clock: Clock;
};

/** Parses a proved body, holds it against what came before it, and delivers its events. */
export function deliverEvents<Event extends VerifiedEvent>(
  delivering: Delivering<Event>,
  body: Uint8Array,
  proof: Proof,
  signal: AbortSignal,
  record: DeliveryRecord,
  log: DeliveryLog,
): Awaitable<Answer | Reason> {
  const { provider, replayRules, handlerFor, ledger, leaseSeconds, clock } = delivering;
  record.enter('parse');
  const parsed = provider.parse(body, proof);
  if (typeof parsed === 'string') return parsed;
  const { events, unusable } = parsed;
  record.unusable(unusable);

  const work = events.map((event) => ({ event, handler: handlerFor(event) }));
  const handleable = events.filter((_event, index) => work[index]?.handler);
  // Sent together with the bindings: a delivery waits for the ledger once. Nothing runs before both have come back.
  const claims = claimEvents(handleable, ledger, { leaseSeconds, clock, signal });

  function handle({ event, handler }: (typeof work)[number]): Awaitable<EventOutcome> {
    if (!handler) return 'no-handler';
    const context = { log: log.handler, signal, idempotencyKey: event.key, reference: proof.reference ?? '' };
    const onThrow = (thrown: unknown) => log.handlerThrew(event.type, thrown);
    return andThen(claims.of(event), (claim) =>
      deliverEvent(claim, () => handler(context), { signal, onThrow }),
    );
  }

  function handleAll(): Awaitable<Answer | Reason> {
    record.enter('handlers');
    return andThen(deliverAll(work, provider.concurrency, handle), (outcomes) => {
      for (const [index, { type }] of events.entries())
        record.delivered(type, outcomes[index] ?? 'delivery-threw');
      return reasonAmong(outcomes) ?? handled;
    });
  }

  return andFinally(() => {
    record.enter('bindings');
    const bindings = replayRules(proof, body, events);
    const held = checkReplay(bindings, ledger, signal, record.reported);
    return andThen(held, (refused) => refused ?? handleAll());
  }, claims.giveBackUnused);
}
