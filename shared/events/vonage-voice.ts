import type { HandlerContext } from './context.ts';

/** The kinds of Vonage Voice callbacks, as in the route. */
export const vonageVoiceKinds = ['answer', 'event'] as const;
export type VonageVoiceKind = (typeof vonageVoiceKinds)[number];

/** What `status` can say. A record, an input, a transfer and an error have none. */
export const vonageVoiceStates = [
  'started',
  'ringing',
  'answered',
  'human',
  'machine',
  'busy',
  'cancelled',
  'unanswered',
  'disconnected',
  'rejected',
  'failed',
  'timeout',
  'completed',
] as const;

/**
 * The members of each kind. Those that are not listed here are passed on as well, such as `SipHeader_X-…`. Of a GET each is
 * a text. https://developer.vonage.com/en/voice/voice-api/webhook-reference
 */
export type VonageVoiceEvents = {
  /** A call was answered. `from` is absent where an app of the Client SDK called; `from_user` is its user then. */
  answer: {
    readonly to?: string;
    readonly from?: string;
    readonly from_user?: string;
    readonly endpoint_type?: string;
    readonly uuid?: string;
    readonly conversation_uuid?: string;
    readonly region_url?: string;
    readonly custom_data?: unknown;
  };
  /** The state of a call changed, or an action of an NCCO ended. */
  event: {
    readonly status?: (typeof vonageVoiceStates)[number] | (string & {});
    /** ISO 8601. */
    readonly timestamp?: string;
    readonly to?: string;
    readonly from?: string;
    readonly uuid?: string;
    /** Of `human` and `machine`, instead of `uuid`. */
    readonly call_uuid?: string;
    readonly conversation_uuid?: string;
    readonly direction?: 'inbound' | 'outbound' | (string & {});
    /** What was wrong, such as a syntax error in an NCCO. */
    readonly reason?: string;
    /** An `input` action ended. */
    readonly dtmf?: { readonly digits?: string; readonly timed_out?: boolean } | string;
    readonly speech?: unknown;
    /** A `record` action ended. */
    readonly recording_url?: string;
    readonly recording_uuid?: string;
    readonly start_time?: string | null;
    readonly end_time?: string;
    /** Seconds, in text. */
    readonly duration?: string;
    readonly rate?: string | null;
    readonly price?: string;
    readonly network?: string | null;
  };
};

export type VonageVoiceEvent<Kind extends VonageVoiceKind = VonageVoiceKind> = VonageVoiceEvents[Kind] &
  Readonly<Record<string, unknown>>;

/** What the call does next: actions in their order. https://developer.vonage.com/en/voice/voice-api/ncco-reference */
export type Ncco = readonly NccoAction[];
export type NccoAction = {
  readonly action:
    | 'talk'
    | 'stream'
    | 'input'
    | 'record'
    | 'conversation'
    | 'connect'
    | 'notify'
    | 'wait'
    | 'transfer'
    | (string & {});
  readonly [member: string]: unknown;
};

/** What `handlers/vonage-voice.ts` exports as `vonageVoice`. `reference` is the `uuid` of the call. */
export type VonageVoiceHandlers = {
  /** Returns what the call does; nothing makes an empty NCCO, which ends the call. */
  readonly answer?: (event: VonageVoiceEvent<'answer'>, context: HandlerContext) => Reply;
  /** May return an NCCO, which Vonage heeds after `input`, `notify` and a synchronous `connect`. Anything else is ignored. */
  readonly event?: (event: VonageVoiceEvent<'event'>, context: HandlerContext) => unknown;
};
type Reply = Ncco | undefined | void | Promise<Ncco | undefined | void>;
