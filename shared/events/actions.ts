import type {
  AddParticipantOptions,
  AddParticipantResult,
  AnswerCallOptions,
  CallConnection,
  CallInvite,
  CallMediaRecognizeChoiceOptions,
  CallMediaRecognizeDtmfOptions,
  CallMediaRecognizeSpeechOptions,
  CallMediaRecognizeSpeechOrDtmfOptions,
  CallRecording,
  CreateCallOptions,
  DtmfTone,
  FileSource,
  MediaStreamingOptions,
  PlayToAllOptions,
  RecognitionChoice,
  RecordingStateResult,
  RemoveParticipantsOption,
  SsmlSource,
  StartRecordingOptions,
  TextSource,
  TranscriptionOptions,
  TransferCallToParticipantOptions,
} from '@azure/communication-call-automation';
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';
import type { Identifier } from './call-automation.ts';

/*
 * What a handler can do with a call. The options are those of `@azure/communication-call-automation` without the URIs:
 * these are minted for the call, so that each of its callbacks carries the call's own key.
 */

/** Applies to each member of a union: `Omit` alone would keep only what all have in common. */
type WithoutUri<Options> = Options extends unknown
  ? Omit<Options, 'operationCallbackUrl' | 'abortSignal'>
  : never;

/** An incoming call. It rings for 30 seconds. */
export type Ring = {
  /** Whether the call had stopped ringing when the event arrived. */
  readonly missed: boolean;
  /** Who calls: `from` of the event. Rejects if the event does not name it. */
  caller(): Promise<ParticipantIdentifier>;
  /** Answers the call. Its events go to `events`, under this handler's `reference`. */
  answer(options?: AnswerOptions): Promise<Call>;
  reject(reason?: 'none' | 'busy' | 'forbidden'): Promise<void>;
  redirect(target: Target): Promise<void>;
};

/** A call that is connected, or about to be. */
export type Call = {
  readonly callConnectionId: string;
  /** Who called: asks the service. Of a call that you placed, it is your app. Rejects if the service does not name it. */
  caller(): Promise<ParticipantIdentifier>;
  /** An identifier of an event, such as `event.data.participant`, in the form that actions take. Rejects without a raw id. */
  identifier(identifier: Identifier | undefined): Promise<ParticipantIdentifier>;
  /** Plays to all participants; `PlayCompleted` follows, or `PlayFailed`. */
  play(prompt: Prompt, options?: WithoutUri<PlayToAllOptions>): Promise<void>;
  /** Listens for tones, a choice or speech; `RecognizeCompleted` follows, or `RecognizeFailed`, also after silence. */
  recognize(from: Who, options: RecognizeOptions): Promise<void>;
  /** Ends the call for all participants, or with `forEveryone: false` only leaves it. */
  hangUp(options?: { readonly forEveryone?: boolean }): Promise<void>;
  transfer(to: Who, options?: WithoutUri<TransferCallToParticipantOptions>): Promise<void>;
  addParticipant(target: Target, options?: WithoutUri<AddParticipantOptions>): Promise<AddParticipantResult>;
  removeParticipant(who: Who, options?: WithoutUri<RemoveParticipantsOption>): Promise<void>;
  startRecording(options?: RecordingOptions): Promise<RecordingStateResult>;
  stopRecording(recordingId: string): Promise<void>;
  /** A callback URI of this call, for actions through `sdk` that take an `operationCallbackUrl`. */
  callbackUri(): Promise<string>;
  /** The call in the SDK, for everything else. */
  sdk(): Promise<CallConnection>;
};

/** Places a call. Its events go to `events`. For a call of a Teams resource account `options` have its `teamsAppSource`. */
export type PlaceCall = (target: Target, options?: PlaceCallOptions) => Promise<PlacedCall>;
export type PlacedCall = { readonly call: Call; readonly reference: string };

/** A participant in the form of the SDK, such as `{ phoneNumber: '+12065550100' }` or `{ communicationUserId: '8:acs:…' }`. */
export type Who = CommunicationIdentifier;
/**
 * The same, as Ringward gives it: `kind` tells which one it is, and `rawId` is one text for it, to compare and to store. Both may
 * be a phone number: keep them out of logs.
 */
export type ParticipantIdentifier = CommunicationIdentifierKind & { readonly rawId: string };
/** A participant to invite, with the caller id to show; a phone number needs a `sourceCallIdNumber`. */
export type Target = CallInvite;

/** A file that the service can fetch, text to speak, or SSML. */
export type Sound =
  | { readonly file: string }
  | ({ readonly text: string } & Omit<TextSource, 'kind' | 'text'>)
  | { readonly ssml: string }
  | FileSource
  | TextSource
  | SsmlSource;

/** One sound, or several one after the other. */
export type Prompt = Sound | readonly Sound[];

export type AnswerOptions = Omit<
  AnswerCallOptions,
  'mediaStreamingOptions' | 'transcriptionOptions' | 'abortSignal'
> &
  Media;
export type PlaceCallOptions = Omit<
  CreateCallOptions,
  'mediaStreamingOptions' | 'transcriptionOptions' | 'abortSignal'
> &
  Media;

/** Live audio and text of the call, sent to `MEDIA_URL` with a ticket. */
export type Media = {
  readonly mediaStreaming?: Omit<MediaStreamingOptions, 'transportUrl' | 'transportType'>;
  readonly transcription?: Omit<TranscriptionOptions, 'transportUrl' | 'transportType'>;
};

export type RecognizeOptions = InPlainText<
  WithoutUri<
    | CallMediaRecognizeDtmfOptions
    | CallMediaRecognizeChoiceOptions
    | CallMediaRecognizeSpeechOptions
    | CallMediaRecognizeSpeechOrDtmfOptions
  >
>;

/** Prompts as `play` takes them. Tones as text, such as `one` and `pound`: an enum would have to be imported from the SDK. */
type InPlainText<Options> = Options extends unknown
  ? {
      [Name in keyof Options as Exclude<Name, 'playPrompts'>]: Name extends 'playPrompt'
        ? Prompt
        : Name extends 'stopDtmfTones'
          ? readonly `${DtmfTone}`[]
          : Name extends 'choices'
            ? readonly (Omit<RecognitionChoice, 'tone'> & { readonly tone?: `${DtmfTone}` })[]
            : Options[Name];
    }
  : never;

/** The recordings in the SDK, to download and to delete their files. */
export type Recordings = () => Promise<CallRecording>;

export type RecordingOptions = Omit<
  StartRecordingOptions,
  'callLocator' | 'callConnectionId' | 'recordingStateCallbackEndpointUrl' | 'abortSignal'
>;
