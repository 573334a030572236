import type { CallEventName } from '../events/call-automation.ts';
import type { VonageKind, VonageStates } from '../events/vonage.ts';

/** The states of each kind; those of some are published nowhere. The compiler holds both lists against the types. */
const states = {
  'session-monitoring': {
    connectionCreated: true,
    connectionDestroyed: true,
    streamCreated: true,
    streamDestroyed: true,
    sessionCreated: true,
    sessionDestroyed: true,
    sessionNotification: true,
  },
  archive: {
    started: true,
    paused: true,
    stopped: true,
    uploaded: true,
    available: true,
    expired: true,
    failed: true,
    deleted: true,
  },
  sip: { callCreated: true, callUpdated: true, callDestroyed: true, muteForced: true },
  'experience-composer': { starting: true, started: true, stopped: true, failed: true },
  broadcast: {},
  captions: {},
} satisfies { readonly [Kind in VonageKind]: Record<VonageStates[Kind], true> | Record<string, never> };

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

/** Every event of Call Automation that we know by name. */
export const callEventNames = Object.keys(callEvents) as readonly CallEventName[];

/** Every type of event that we know, as it stands in the log line. */
const known = new Set([
  ...[...callEventNames, 'IncomingCall'].map((name) => `Microsoft.Communication.${name}`),
  ...Object.entries(states).flatMap(([kind, names]) => Object.keys(names).map((name) => `${kind}:${name}`)),
]);

/**
 * The type of an event where we know it, else `_OTHER`, which is what OpenTelemetry calls such a value: a genuine sender
 * must not be able to make as many time series as it likes either.
 */
export const boundedEventType = (type: string) => (known.has(type) ? type : '_OTHER');

/** What a type of event looks like. */
const FORM = /^[\w.:-]{1,128}$/;

/** What is logged of an event's type: the type, where it looks like one, since the sender can write anything there. */
export const loggedType = (type: string) => (FORM.test(type) ? type : OTHER);

export const OTHER = 'other';
