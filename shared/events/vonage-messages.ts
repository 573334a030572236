import type { HandlerContext } from './context.ts';

/** The kinds of Vonage Messages callbacks, as in the route. */
export const vonageMessagesKinds = ['inbound', 'status'] as const;
export type VonageMessagesKind = (typeof vonageMessagesKinds)[number];

/** What `status` can say. https://developer.vonage.com/en/messages/concepts/messages-status-callbacks */
export const vonageMessagesStates = [
  'submitted',
  'delivered',
  'read',
  'rejected',
  'undeliverable',
  'failed',
] as const;

type Common = {
  readonly message_uuid?: string;
  /** ISO 8601. */
  readonly timestamp?: string;
  readonly to?: string;
  readonly from?: string;
  readonly channel?:
    'sms' | 'mms' | 'rcs' | 'whatsapp' | 'messenger' | 'viber_service' | 'instagram' | (string & {});
  readonly client_ref?: string;
};
type File = { readonly url?: string; readonly name?: string; readonly caption?: string };

/**
 * The members of each kind, of the channels together. Those that are not listed here are passed on as well.
 * https://developer.vonage.com/en/api/messages
 */
export type VonageMessagesEvents = {
  /** Somebody wrote to you. `message_type` says which member has the content. */
  inbound: Common & {
    readonly message_type?: 'text' | 'image' | 'audio' | 'video' | 'file' | 'location' | (string & {});
    readonly text?: string;
    readonly image?: File;
    readonly audio?: File;
    readonly video?: File;
    readonly file?: File;
    readonly location?: unknown;
    readonly reply?: unknown;
    readonly button?: unknown;
    readonly profile?: { readonly name?: string };
    readonly context?: { readonly message_uuid?: string; readonly message_from?: string };
  };
  /** The state of a message that you sent. */
  status: Common & {
    readonly status: (typeof vonageMessagesStates)[number] | (string & {});
    readonly error?: {
      readonly type?: string;
      readonly title?: number | string;
      readonly detail?: string;
      readonly instance?: string;
    };
    readonly usage?: { readonly currency?: string; readonly price?: string };
    readonly destination?: { readonly network_code?: string };
  };
};

export type VonageMessagesEvent<Kind extends VonageMessagesKind = VonageMessagesKind> =
  VonageMessagesEvents[Kind] & Readonly<Record<string, unknown>>;

/** What `handlers/vonage-messages.ts` exports as `vonageMessages`. `reference` is the `message_uuid`. */
export type VonageMessagesHandlers = {
  readonly [Kind in VonageMessagesKind]?: (
    event: VonageMessagesEvent<Kind>,
    context: HandlerContext,
  ) => unknown;
};
