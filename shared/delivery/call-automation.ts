import { hash } from 'node:crypto';
import type { CallEvent } from '../events/call-automation.ts';
import type { CallContext, CallEventHandlers, HandlerContext } from '../events/handlers.ts';
import { jsonElements } from './json-elements.ts';
import type { VerifiedEvent, Provider } from './provider.ts';

export type VerifiedCallEvent = VerifiedEvent & { readonly event: CallEvent };

const TYPE_PREFIX = 'Microsoft.Communication.';

/**
 * Call Automation posts a JSON array of CloudEvents 1.0: usually one, but all of them are handled, in their order.
 * https://learn.microsoft.com/azure/communication-services/concepts/call-automation/call-automation
 */
export const callAutomation: Provider<VerifiedCallEvent> = {
  name: 'call-automation',
  unavailableStatus: 503,
  concurrency: 1,
  parse(body) {
    const elements = jsonElements(body);
    if (!elements) return 'not-json';
    const events = elements.flatMap(provedCallEvent);
    return events.length === 0 ? 'no-events' : { events, unusable: elements.length - events.length };
  },
};

/** An element without an identity of its own cannot be told from a repeat, so it is none of ours to hand over. */
function provedCallEvent(element: unknown): VerifiedCallEvent[] {
  if (typeof element !== 'object' || element === null) return [];
  const { id, source, type, data } = element as Record<string, unknown>;
  if (typeof id !== 'string' || typeof source !== 'string' || typeof type !== 'string') return [];
  const event = { ...element, data: typeof data === 'object' && data !== null ? data : {} } as CallEvent;
  // JSON keeps the two apart whatever characters they hold.
  const identity = hash('sha256', JSON.stringify([source, id]), 'base64url');
  return [{ type, key: `call-automation:${identity}`, partition: callOf(source), event }];
}

/** Events of one call come together: its source names the call, with a suffix or without. */
const callOf = (source: string) => /^\/?calling\/callConnections\/[^/]+/.exec(source)?.[0] ?? source;

/** The user's handler for an event, if there is one. */
export function callEventHandler(
  handlers: CallEventHandlers,
  contextOf: (event: CallEvent, context: HandlerContext) => CallContext,
) {
  const byName = new Map(Object.entries(handlers));
  return function handlerFor({
    event,
  }: VerifiedCallEvent): ((context: HandlerContext) => unknown) | undefined {
    const name = event.type.startsWith(TYPE_PREFIX) ? event.type.slice(TYPE_PREFIX.length) : '';
    // The name decides which event type the handler takes, which the compiler cannot follow through a look-up.
    const handler = (byName.get(name) ?? handlers.otherwise) as CallEventHandlers['otherwise'];
    return handler && ((context) => handler(event, contextOf(event, context)));
  };
}
