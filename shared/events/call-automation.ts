/** A CloudEvent 1.0 as its sender wrote it, unknown members included. https://github.com/cloudevents/spec */
export type CloudEvent<Type extends string = string, Data = Record<string, unknown>> = {
  readonly id: string;
  readonly source: string;
  readonly type: Type;
  readonly data: Data;
  readonly specversion?: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  /** The URI of the schema of `data`. */
  readonly dataschema?: string;
};

/**
 * The events of Call Automation, and the members of their `data` beside the common ones. Those that only beta versions of
 * the API send are in the list too. Sources:
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/actions-for-call-control and the
 * types of `@azure/communication-call-automation`. Members that are not listed here are passed on as well.
 */
export type CallEventData = {
  CallConnected: Common;
  CallDisconnected: Common;
  CreateCallFailed: Common;
  AnswerFailed: Common;
  ConnectFailed: Common;
  CallTransferAccepted: Common & { readonly transferTarget?: Identifier; readonly transferee?: Identifier };
  CallTransferFailed: Common;
  AddParticipantSucceeded: Common & ForParticipant;
  AddParticipantFailed: Common & ForParticipant;
  RemoveParticipantSucceeded: Common & ForParticipant;
  RemoveParticipantFailed: Common & ForParticipant;
  MoveParticipantSucceeded: Common & ForParticipant & { readonly fromCall?: string };
  MoveParticipantFailed: Common & ForParticipant & { readonly fromCall?: string };
  CancelAddParticipantSucceeded: Common & ForInvitation;
  CancelAddParticipantFailed: Common & ForInvitation;
  ParticipantsUpdated: Common & {
    readonly sequenceNumber?: number;
    readonly participants?: readonly Participant[];
  };
  PlayStarted: Common;
  PlayCompleted: Common;
  PlayFailed: Common & { readonly failedPlaySourceIndex?: number };
  PlayCanceled: Common;
  PlayPaused: Common;
  PlayResumed: Common;
  RecognizeCompleted: Common & {
    readonly recognitionType?: 'dtmf' | 'choices' | 'speech' | (string & {});
    readonly dtmfResult?: { readonly tones?: readonly Tone[] };
    readonly choiceResult?: { readonly label?: string; readonly recognizedPhrase?: string };
    readonly speechResult?: { readonly speech?: string; readonly confidence?: number };
  };
  RecognizeFailed: Common & { readonly failedPlaySourceIndex?: number };
  RecognizeCanceled: Common;
  HoldFailed: Common;
  HoldAudioStarted: Common;
  HoldAudioPaused: Common;
  HoldAudioResumed: Common;
  HoldAudioCompleted: Common;
  ContinuousDtmfRecognitionToneReceived: Common & { readonly sequenceId?: number; readonly tone?: Tone };
  ContinuousDtmfRecognitionToneFailed: Common;
  ContinuousDtmfRecognitionStopped: Common;
  /** The SDK writes `SendDtmfTones…`, the documentation `SendDtmf…`. A handler of either name receives both. */
  SendDtmfTonesCompleted: Common;
  SendDtmfTonesFailed: Common;
  SendDtmfCompleted: Common;
  SendDtmfFailed: Common;
  RecordingStateChanged: Common & {
    readonly recordingId?: string;
    readonly state?: string;
    /** RFC 3339. */
    readonly startDateTime?: string;
    readonly recordingKind?: string;
  };
  StartRecordingFailed: Common & { readonly recordingId?: string };
  TranscriptionStarted: Common & ForTranscription;
  TranscriptionStopped: Common & ForTranscription;
  TranscriptionUpdated: Common & ForTranscription;
  TranscriptionFailed: Common & ForTranscription;
  TranscriptionCallSummaryUpdated: Common & ForTranscription;
  MediaStreamingStarted: Common & ForMediaStreaming;
  MediaStreamingStopped: Common & ForMediaStreaming;
  MediaStreamingFailed: Common & ForMediaStreaming;
};

export type CallEventName = keyof CallEventData;

/** A record, so that the compiler compares it with the type. */
const callEvents = {
  CallConnected: true,
  CallDisconnected: true,
  CreateCallFailed: true,
  AnswerFailed: true,
  ConnectFailed: true,
  CallTransferAccepted: true,
  CallTransferFailed: true,
  AddParticipantSucceeded: true,
  AddParticipantFailed: true,
  RemoveParticipantSucceeded: true,
  RemoveParticipantFailed: true,
  MoveParticipantSucceeded: true,
  MoveParticipantFailed: true,
  CancelAddParticipantSucceeded: true,
  CancelAddParticipantFailed: true,
  ParticipantsUpdated: true,
  PlayStarted: true,
  PlayCompleted: true,
  PlayFailed: true,
  PlayCanceled: true,
  PlayPaused: true,
  PlayResumed: true,
  RecognizeCompleted: true,
  RecognizeFailed: true,
  RecognizeCanceled: true,
  HoldFailed: true,
  HoldAudioStarted: true,
  HoldAudioPaused: true,
  HoldAudioResumed: true,
  HoldAudioCompleted: true,
  ContinuousDtmfRecognitionToneReceived: true,
  ContinuousDtmfRecognitionToneFailed: true,
  ContinuousDtmfRecognitionStopped: true,
  SendDtmfTonesCompleted: true,
  SendDtmfTonesFailed: true,
  SendDtmfCompleted: true,
  SendDtmfFailed: true,
  RecordingStateChanged: true,
  StartRecordingFailed: true,
  TranscriptionStarted: true,
  TranscriptionStopped: true,
  TranscriptionUpdated: true,
  TranscriptionFailed: true,
  TranscriptionCallSummaryUpdated: true,
  MediaStreamingStarted: true,
  MediaStreamingStopped: true,
  MediaStreamingFailed: true,
} satisfies Record<CallEventName, true>;

/** Every Call Automation event of a known name. */
export const callEventNames = Object.keys(callEvents) as readonly CallEventName[];

/** A Call Automation event: of a known name, or of any later one. */
export type CallEvent<Name extends CallEventName | undefined = undefined> = Name extends CallEventName
  ? CloudEvent<`Microsoft.Communication.${Name}`, CallEventData[Name]>
  : CloudEvent<string, Common & Record<string, unknown>>;

type Common = {
  readonly callConnectionId: string;
  readonly serverCallId?: string;
  readonly correlationId?: string;
  /** The context that the action which led to this event was given. */
  readonly operationContext?: string;
  readonly resultInformation?: {
    readonly code?: number;
    readonly subCode?: number;
    readonly message?: string;
    /** Why a call to or from the telephone network ended, in the codes of SIP and of ITU-T Q.850. */
    readonly sipDetails?: Diagnosis;
    readonly q850Details?: Diagnosis;
  };
};

type Diagnosis = { readonly code?: number; readonly message?: string };
type ForParticipant = { readonly participant?: Identifier };
type ForInvitation = { readonly invitationId?: string };
type ForTranscription = {
  readonly transcriptionUpdate?: {
    readonly transcriptionStatus?: string;
    readonly transcriptionStatusDetails?: string;
  };
};
type ForMediaStreaming = {
  readonly mediaStreamingUpdate?: {
    readonly contentType?: string;
    readonly mediaStreamingStatus?: string;
    readonly mediaStreamingStatusDetails?: string;
  };
};

/**
 * A participant as the service writes it; `call.identifier()` gives it in the form that actions take. `kind` names the member
 * that has the details. `rawId` and the details may be a phone number: keep them out of logs. A kind that the service cannot
 * name is `unknown`, and only `rawId` says who it is.
 */
export type Identifier = {
  readonly rawId?: string;
  readonly kind?:
    | 'communicationUser'
    | 'phoneNumber'
    | 'microsoftTeamsUser'
    | 'microsoftTeamsApp'
    | 'teamsExtensionUser'
    | 'unknown'
    | (string & {});
  readonly communicationUser?: { readonly id: string };
  /** `value` in the form of E.164, such as `+12065550100`. */
  readonly phoneNumber?: {
    readonly value: string;
    readonly isAnonymous?: boolean;
    readonly assertedId?: string;
  };
  readonly microsoftTeamsUser?: {
    readonly userId: string;
    readonly isAnonymous?: boolean;
    readonly cloud?: TeamsCloud;
  };
  readonly microsoftTeamsApp?: { readonly appId: string; readonly cloud?: TeamsCloud };
  readonly teamsExtensionUser?: {
    readonly userId: string;
    readonly tenantId: string;
    readonly resourceId: string;
    readonly cloud?: TeamsCloud;
  };
};
export type TeamsCloud = 'public' | 'dod' | 'gcch' | (string & {});
export type Participant = {
  readonly identifier?: Identifier;
  readonly isMuted?: boolean;
  readonly isOnHold?: boolean;
};
export type Tone =
  | 'zero'
  | 'one'
  | 'two'
  | 'three'
  | 'four'
  | 'five'
  | 'six'
  | 'seven'
  | 'eight'
  | 'nine'
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'pound'
  | 'asterisk'
  | (string & {});

/**
 * An incoming call, as Event Grid delivers it. Both schemas have the form of a CloudEvent here: `topic`, `eventType` and
 * `eventTime` of the older one are `source`, `type` and `time`.
 *
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events#microsoftcommunicationincomingcall
 */
export type IncomingCallEvent = CloudEvent<'Microsoft.Communication.IncomingCall', IncomingCallData> &
  OfEventGrid;

/** What only Event Grid's own schema has. */
type OfEventGrid = {
  /** The version of the schema of `data`. */
  readonly dataVersion?: string;
  /** The version of the schema of the event itself. */
  readonly metadataVersion?: string;
};

/** Caller and callee. Identifiers may be phone numbers: keep them out of logs. */
export type IncomingCallData = {
  /**
   * With Teams Phone Extensibility the resource account that was called: kind `unknown`, `rawId` `28:orgid:` and its object
   * id. https://learn.microsoft.com/azure/communication-services/concepts/interop/tpe/teams-phone-extensibility-overview
   */
  readonly to?: Identifier;
  readonly from?: Identifier;
  /** The callee on whose behalf the call is made. */
  readonly onBehalfOfCallee?: Identifier;
  readonly serverCallId?: string;
  readonly callerDisplayName?: string;
  /** Set by the caller, or by what transferred the call: do not trust it. */
  readonly customContext?: {
    readonly sipHeaders?: Readonly<Record<string, string>>;
    readonly voipHeaders?: Readonly<Record<string, string>>;
    /** Of a call that a call queue or another app of Teams Phone passed on. */
    readonly teamsPhoneCallDetails?: TeamsPhoneCallDetails;
  };
  /** A secret that answers the call. `ring` uses it for you. */
  readonly incomingCallContext: string;
  readonly correlationId?: string;
};

/** As in `@azure/communication-call-automation`, with identifiers in the form of events. */
export type TeamsPhoneCallDetails = {
  readonly teamsPhoneCallerDetails?: {
    readonly caller?: Identifier;
    readonly name?: string;
    readonly phoneNumber?: string;
    readonly recordId?: string;
    readonly screenPopUrl?: string;
    readonly isAuthenticated?: boolean;
    readonly additionalCallerInformation?: Readonly<Record<string, string>>;
  };
  readonly teamsPhoneSourceDetails?: {
    readonly source?: Identifier;
    readonly language?: string;
    readonly status?: string;
    readonly intendedTargets?: Readonly<Record<string, Identifier>>;
  };
  readonly sessionId?: string;
  readonly intent?: string;
  readonly callTopic?: string;
  readonly callContext?: string;
  readonly transcriptUrl?: string;
  readonly callSentiment?: string;
  readonly suggestedActions?: string;
};

/**
 * The files of a recording are ready, some minutes after it ended. Azure Communication Services keeps them for 48 hours. Event
 * Grid delivers this event, in the form of a CloudEvent here as `IncomingCallEvent` is.
 *
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events#microsoftcommunicationrecordingfilestatusupdated
 */
export type RecordingFileStatusUpdatedEvent = CloudEvent<
  'Microsoft.Communication.RecordingFileStatusUpdated',
  RecordingFileStatusUpdatedData
> &
  OfEventGrid;

export type RecordingFileStatusUpdatedData = {
  readonly recordingStorageInfo?: { readonly recordingChunks?: readonly RecordingChunk[] };
  /** RFC 3339. */
  readonly recordingStartTime?: string;
  readonly recordingDurationMs?: number;
  /** Such as `Audio` and `AudioVideo`, `Mixed` and `Unmixed`, `Mp3`, `Mp4` and `Wav`. */
  readonly recordingContentType?: string;
  readonly recordingChannelType?: string;
  readonly recordingFormatType?: string;
  /** Why the recording ended, such as `CallEnded`. */
  readonly sessionEndReason?: string;
};

/** One file of a recording. Its addresses need the credentials of Azure Communication Services. */
export type RecordingChunk = {
  readonly documentId?: string;
  /** From 0, in the order of the recording. */
  readonly index?: number;
  /** Such as `SessionEnded` and `ChunkMaximumSizeExceeded`. */
  readonly endReason?: string;
  readonly contentLocation?: string;
  readonly metadataLocation?: string;
  readonly deleteLocation?: string;
};
