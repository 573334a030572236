import { hash } from 'node:crypto';
import type { IncomingCallEvent } from '../events/call-automation.ts';
import { jsonElements } from './json-elements.ts';
import type { VerifiedEvent, Provider } from './provider.ts';

export type VerifiedGridEvent = VerifiedEvent & {
  /** The ARM id of the resource that the event is about. */
  readonly topic: string;
  /** In the form of a CloudEvent, whichever schema it came in. */
  readonly event: IncomingCallEvent;
};

export const INCOMING_CALL = 'Microsoft.Communication.IncomingCall';

/** How long two subscriptions may be apart with the same call, in seconds: twice as long as it rings. */
const SAME_CALL_SECONDS = 60;

/**
 * Event Grid posts an array of events of its own schema, or CloudEvents 1.0, one or many.
 * https://learn.microsoft.com/azure/event-grid/event-schema and …/cloud-event-schema
 *
 * After a 503 it waits at least 30 seconds, after other codes 10: a call that rings for 30 can wait for the latter only.
 *
 * @param topics ARM ids of the resources whose events are taken; they have no case. Without a list, of any.
 */
export function eventGrid(topics: readonly string[] | undefined): Provider<VerifiedGridEvent> {
  const allowed = topics && new Set(topics.map((topic) => topic.toLowerCase()));
  return {
    name: 'event-grid',
    unavailableStatus: 504,
    concurrency: 32,
    parse(body) {
      const elements = jsonElements(body);
      if (!elements) return 'not-json';
      const events = elements.flatMap(provedGridEvent);
      if (events.length === 0) return 'no-events';
      const foreign = events.some(({ topic }) => allowed && !allowed.has(topic.toLowerCase()));
      return foreign ? 'topic-not-allowed' : { events, unusable: elements.length - events.length };
    },
  };
}

/** An element without an identity of its own cannot be told from a repeat, so it is none of ours to hand over. */
function provedGridEvent(element: unknown): VerifiedGridEvent[] {
  if (typeof element !== 'object' || element === null) return [];
  const { topic, eventType, eventTime, ...rest } = element as Record<string, unknown>;
  const { id, source = topic, type = eventType, time = eventTime, data } = rest;
  if (typeof id !== 'string' || typeof source !== 'string' || typeof type !== 'string') return [];
  const object = typeof data === 'object' && data !== null ? data : {};
  const event = {
    ...rest,
    source,
    type,
    ...(typeof time === 'string' && { time }),
    data: object,
  } as IncomingCallEvent;
  const alias = sameCall(event);
  // Both keys of a call are claimed in one transaction.
  return [{ type, topic: source, key: keyOf('event', source, id), alias, partition: alias?.key, event }];
}

/** Two subscriptions deliver one call as two events: the call and whom it rings tell that they are the same. */
function sameCall({ type, data }: IncomingCallEvent): VerifiedEvent['alias'] {
  const rawId: unknown = data.to?.rawId;
  if (type !== INCOMING_CALL || typeof data.serverCallId !== 'string' || typeof rawId !== 'string')
    return undefined;
  return { key: keyOf('call', data.serverCallId, rawId), seconds: SAME_CALL_SECONDS };
}

const keyOf = (kind: string, ...identity: readonly string[]) =>
  `event-grid:${hash('sha256', JSON.stringify([kind, ...identity]), 'base64url')}`;
