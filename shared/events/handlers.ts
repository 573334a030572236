import type { CallEvent, CallEventName } from './call-automation.ts';

/** What every handler gets beside its event. */
export type HandlerContext = {
  /** Writes one line to the app's log. Keep phone numbers, names and what was said out of it. */
  readonly log: (message: string) => void;
  /** Aborted when HANDLER_TIMEOUT_SECONDS have passed since the request came: stop, and the event comes again. */
  readonly signal: AbortSignal;
  /**
   * The same for every attempt at this event: hand it on to what you call, so that an effect whose attempt was cut off
   * before it was settled does not happen twice.
   */
  readonly idempotencyKey: string;
  /** The call reference: 22 characters that stand for this call in every callback of it. */
  readonly reference: string;
};

/** Whatever a handler returns is awaited and otherwise not looked at; throwing makes the event come again. */
type Handler<Event> = (event: Event, context: HandlerContext) => unknown;

/** One handler for each event of Call Automation that you care about, and `otherwise` for all the rest. */
export type CallEventHandlers = { readonly [Name in CallEventName]?: Handler<CallEvent<Name>> } & {
  readonly otherwise?: Handler<CallEvent>;
};

/** What `handlers/calls.ts` exports as `calls`. */
export type CallHandlers = { readonly events?: CallEventHandlers };
