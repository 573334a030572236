import type { CloudEvent } from './cloud-event.ts';
import type { Identifier } from './call-automation.ts';

/**
 * A call that rings, as Event Grid delivers it. Both of its schemas are handed over in the form of a CloudEvent: `topic`,
 * `eventType` and `eventTime` of the older one are `source`, `type` and `time` here.
 *
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events#microsoftcommunicationincomingcall
 */
export type IncomingCallEvent = CloudEvent<'Microsoft.Communication.IncomingCall', IncomingCallData>;

/** Who calls whom. Identifiers may be phone numbers: keep them out of logs. */
export type IncomingCallData = {
  readonly to?: Identifier;
  readonly from?: Identifier;
  readonly serverCallId?: string;
  readonly callerDisplayName?: string;
  /** Set by the caller: SIP and VoIP headers. Believe none of it. */
  readonly customContext?: {
    readonly sipHeaders?: Readonly<Record<string, string>>;
    readonly voipHeaders?: Readonly<Record<string, string>>;
  };
  /** What answering the call takes: a secret. `ring` uses it for you. */
  readonly incomingCallContext: string;
  readonly correlationId?: string;
};
