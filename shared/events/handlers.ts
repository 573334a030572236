import type { Call, PlaceCall, Ring } from './actions.ts';
import type { CallEvent, CallEventName, IncomingCallEvent } from './call-automation.ts';
import type { VonageEvent, VonageKind, VonageStates } from './vonage.ts';

/** What every handler gets beside its event. */
export type HandlerContext = {
  /** Writes one line to the app's log. Keep phone numbers, names and what was said out of it. */
  readonly log: (message: string) => void;
  /** Aborted when HANDLER_TIMEOUT_SECONDS have passed since the request was read: stop, and the event comes again. */
  readonly signal: AbortSignal;
  /**
   * The same for every attempt at this event: hand it on to what you call, so that an effect whose attempt was cut off
   * before it was settled does not happen twice.
   */
  readonly idempotencyKey: string;
  /** The call reference: 22 characters that stand for this call in every callback of it. */
  readonly reference: string;
};

/** Beside an event of a call that is under way. */
export type CallContext = HandlerContext & { readonly call: Call; readonly placeCall: PlaceCall };

/** Beside a call that rings. */
export type IncomingCallContext = HandlerContext & { readonly ring: Ring; readonly placeCall: PlaceCall };

/** Beside a Vonage callback. There `reference` is the id of the session. */
export type VonageContext = HandlerContext;

/** Whatever a handler returns is awaited and otherwise not looked at; throwing makes the event come again. */
type Handler<Event, Context> = (event: Event, context: Context) => unknown;

/** One handler for each event of Call Automation that you care about, and `otherwise` for all the rest. */
export type CallEventHandlers = {
  readonly [Name in CallEventName]?: Handler<CallEvent<Name>, CallContext>;
} & {
  readonly otherwise?: Handler<CallEvent, CallContext>;
};

/** What `handlers/calls.ts` exports as `calls`. */
export type CallHandlers = {
  /** A call rings. */
  readonly incoming?: Handler<IncomingCallEvent, IncomingCallContext>;
  /** A call that was answered or placed goes on. */
  readonly events?: CallEventHandlers;
};

/** What `handlers/vonage.ts` exports as `vonage`: for each kind one function, or one for each of its states. */
export type VonageHandlers = {
  readonly [Kind in VonageKind]?: Handler<VonageEvent<Kind>, VonageContext> | VonageStateHandlers<Kind>;
};
export type VonageStateHandlers<Kind extends VonageKind> = {
  readonly [State in VonageStates[Kind]]?: Handler<VonageEvent<Kind>, VonageContext>;
} & { readonly otherwise?: Handler<VonageEvent<Kind>, VonageContext> };

/** What `handlers/media.ts` exports as `media`. */
export type { MediaHandler } from './media.ts';
