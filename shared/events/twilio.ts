import type { HandlerContext } from './context.ts';

/** The kinds of Twilio's webhooks, as in the route. You choose which URL has which. */
export const twilioKinds = ['voice', 'status', 'messages'] as const;

export type TwilioKind = (typeof twilioKinds)[number];

/**
 * The members of each kind, as Twilio names them; all are text. Twilio adds members without notice, so those that are not
 * listed here are passed on as well; one that came with several values is a list. Phone numbers are in E.164 form.
 * https://www.twilio.com/docs/voice/twiml, https://www.twilio.com/docs/messaging/guides/webhook-request
 */
type TwilioMembers = {
  /** A call that asks what to do: when it comes in, and after each verb with an `action`. */
  voice: {
    readonly AccountSid?: string;
    readonly CallSid?: string;
    readonly CallStatus?: TwilioCallStatus;
    readonly Direction?: string;
    readonly From?: string;
    readonly To?: string;
    readonly CallerName?: string;
    readonly ForwardedFrom?: string;
    /** After `<Gather>`. */
    readonly Digits?: string;
    readonly SpeechResult?: string;
    readonly Confidence?: string;
    readonly FinishedOnKey?: string;
    /** After `<Record>`. */
    readonly RecordingSid?: string;
    readonly RecordingUrl?: string;
    /** Seconds. */
    readonly RecordingDuration?: string;
    /** After `<Dial>`. */
    readonly DialCallSid?: string;
    readonly DialCallStatus?: TwilioCallStatus;
    /** Seconds. */
    readonly DialCallDuration?: string;
  };
  /** Something changed: a call, a message that you sent, a recording, a conference. */
  status: {
    readonly AccountSid?: string;
    readonly CallSid?: string;
    readonly CallStatus?: TwilioCallStatus;
    /** Seconds. */
    readonly CallDuration?: string;
    readonly SequenceNumber?: string;
    readonly Timestamp?: string;
    readonly MessageSid?: string;
    readonly MessageStatus?: TwilioMessageStatus;
    readonly ErrorCode?: string;
    readonly RecordingSid?: string;
    readonly RecordingStatus?: string;
    readonly RecordingUrl?: string;
    readonly ConferenceSid?: string;
    readonly StatusCallbackEvent?: string;
  };
  /** A message that comes in. */
  messages: {
    readonly AccountSid?: string;
    readonly MessageSid?: string;
    readonly MessagingServiceSid?: string;
    readonly SmsStatus?: TwilioMessageStatus;
    readonly From?: string;
    readonly To?: string;
    readonly Body?: string;
    /** How many of `MediaUrl0`, `MediaContentType0` and so on there are. */
    readonly NumMedia?: string;
    readonly NumSegments?: string;
  };
};

type Newer = string & {};
export type TwilioCallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled'
  | Newer;
export type TwilioMessageStatus =
  | 'accepted'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'undelivered'
  | 'failed'
  | 'read'
  | 'received'
  | Newer;

export type TwilioEvent<Kind extends TwilioKind = TwilioKind> = TwilioMembers[Kind] &
  Readonly<Record<string, unknown>>;

/** Beside a webhook of Twilio. There `reference` is the SID of the call, or of the message. */
export type TwilioContext = HandlerContext & {
  /** The query parameters of the URL that was called. Twilio's signature covers them. */
  readonly query: Readonly<Record<string, string>>;
  /**
   * A URL of this app for TwiML and for calls of Twilio's API (`action`, `statusCallback`), in a form whose signature can
   * be verified: sorted parameters, and only characters that Twilio does not rewrite.
   *
   * @param parameters names of lower-case letters; values of letters, digits, `.`, `_` and `-`, one at least
   * @throws TypeError for others
   */
  readonly url: (kind: TwilioKind, parameters?: Readonly<Record<string, string>>) => string;
  /** Makes TwiML of a template. Each value becomes text or an attribute, so that nobody else's words are taken for TwiML. */
  readonly twiml: (texts: TemplateStringsArray, ...values: readonly unknown[]) => string;
};

/** TwiML as text; nothing makes an empty response, after which a call ends. */
type TwiML = string | undefined | void;

/**
 * What `handlers/twilio.ts` exports as `twilio`: one function for each kind. What `voice` and `messages` return is what
 * Twilio does next. Twilio waits 15 seconds for it.
 */
export type TwilioHandlers = {
  readonly voice?: (event: TwilioEvent<'voice'>, context: TwilioContext) => TwiML | Promise<TwiML>;
  readonly status?: (event: TwilioEvent<'status'>, context: TwilioContext) => unknown;
  readonly messages?: (event: TwilioEvent<'messages'>, context: TwilioContext) => TwiML | Promise<TwiML>;
};
