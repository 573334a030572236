import { hash } from 'node:crypto';
import type { HandlerContext, VonageHandlers } from '../events/handlers.ts';
import type { VonageEvent, VonageKind } from '../events/vonage.ts';
import { jsonElements } from './json-elements.ts';
import type { VerifiedEvent, Provider } from './provider.ts';

export type VerifiedVonageEvent = VerifiedEvent & { readonly event: VonageEvent };

/**
 * A Vonage callback is one JSON object. It has no id: its project, its kind and its body are what it is known by, and
 * where the body holds no time, so that two callbacks may have the same, its token as well.
 */
export function vonageProvider(kind: VonageKind): Provider<VerifiedVonageEvent> {
  return {
    name: 'vonage',
    unavailableStatus: 503,
    concurrency: 1,
    parse(body, { project = '', payloadHash = '', tokenId = '' }) {
      const [event, ...others] = jsonElements(body) ?? [undefined];
      if (event === undefined) return 'not-json';
      if (typeof event !== 'object' || event === null || others.length > 0) return 'no-events';
      const { timestamp } = event as { timestamp?: unknown };
      const identity = [project, kind, payloadHash, ...(timestamp === undefined ? [tokenId] : [])];
      const key = hash('sha256', JSON.stringify(identity), 'base64url');
      const type = `${kind}:${stateOf(event)}`;
      return { events: [{ type, key: `vonage:${key}`, event: event as VonageEvent }], unusable: 0 };
    },
  };
}

/** The user's handler for a callback, if there is one. */
export function vonageHandler(handlers: VonageHandlers, kind: VonageKind) {
  const ofKind = handlers[kind];
  const byState = new Map(Object.entries(typeof ofKind === 'object' ? ofKind : {}));
  return function handlerFor({
    event,
  }: VerifiedVonageEvent): ((context: HandlerContext) => unknown) | undefined {
    const chosen =
      typeof ofKind === 'function' ? ofKind : (byState.get(stateOf(event)) ?? byState.get('otherwise'));
    // The kind decides which event the handler takes, which the compiler cannot follow through a look-up.
    const handler = chosen as ((event: VonageEvent, context: HandlerContext) => unknown) | undefined;
    return handler && ((context) => handler(event, { ...context, reference: sessionOf(event) }));
  };
}

/** What the callback says that happened: its event, but for archives, whose event is always `archive`. */
function stateOf(event: object): string {
  const { event: name, status } = event as { event?: unknown; status?: unknown };
  const state = status ?? name;
  return typeof state === 'string' ? state : '';
}

function sessionOf({ sessionId }: VonageEvent): string {
  return typeof sessionId === 'string' ? sessionId : '';
}
