import type { Call, PlaceCall, Recordings, Ring } from './actions.ts';
import type { HandlerContext } from './context.ts';
import type {
  CallEvent,
  CallEventName,
  IncomingCallEvent,
  RecordingFileStatusUpdatedEvent,
} from './call-automation.ts';
import type { VonageEvent, VonageKind, VonageStates } from './vonage.ts';

export type { HandlerContext } from './context.ts';

/** Beside an event of a call in progress. */
export type CallContext = HandlerContext & { readonly call: Call; readonly placeCall: PlaceCall };

/** Beside an incoming call. */
export type IncomingCallContext = HandlerContext & { readonly ring: Ring; readonly placeCall: PlaceCall };

/** Beside a recording that is ready. There `reference` is the id of the recording, or empty if the event does not name it. */
export type RecordingContext = HandlerContext & { readonly recordings: Recordings };

/** Beside a Vonage callback. There `reference` is the id of the session. */
export type VonageContext = HandlerContext;

/** Returning means done; the result is awaited and otherwise ignored. Throwing means that the sender retries the event. */
type Handler<Event, Context> = (event: Event, context: Context) => unknown;

/** One handler for each Call Automation event that you need, and `otherwise` for the rest. */
export type CallEventHandlers = {
  readonly [Name in CallEventName]?: Handler<CallEvent<Name>, CallContext>;
} & {
  readonly otherwise?: Handler<CallEvent, CallContext>;
};

/** What `handlers/calls.ts` exports as `calls`. */
export type CallHandlers = {
  /** An incoming call rings. */
  readonly incoming?: Handler<IncomingCallEvent, IncomingCallContext>;
  /** Events of a call that was answered or placed. */
  readonly events?: CallEventHandlers;
  /** The files of a recording are ready. The call is over by then, so there is nothing to act on. */
  readonly recordingFileStatusUpdated?: Handler<RecordingFileStatusUpdatedEvent, RecordingContext>;
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
