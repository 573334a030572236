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
  CreateCallOptions,
  FileSource,
  MediaStreamingOptions,
  PlayToAllOptions,
  RecordingStateResult,
  RemoveParticipantsOption,
  SsmlSource,
  StartRecordingOptions,
  TextSource,
  TranscriptionOptions,
  TransferCallToParticipantOptions,
} from '@azure/communication-call-automation';

/*
 * What a handler can do with a call. The options are those of `@azure/communication-call-automation`, without the URIs:
 * those are minted for the call, so that every callback of it comes back under a key of its own.
 */

/** Of each member of a union by itself: `Omit` alone would leave what all have in common. */
type WithoutUri<Options> = Options extends unknown
  ? Omit<Options, 'operationCallbackUrl' | 'abortSignal'>
  : never;

/** A call that rings, and rings for 30 seconds. */
export type Ring = {
  /** Whether the event came so late that the call has stopped ringing. */
  readonly missed: boolean;
  /** Takes the call; its events come to `events`, under this handler's `reference`. */
  answer(options?: AnswerOptions): Promise<Call>;
  reject(reason?: 'none' | 'busy' | 'forbidden'): Promise<void>;
  redirect(target: Target): Promise<void>;
};

/** A call that is connected, or about to be. */
export type Call = {
  readonly callConnectionId: string;
  /** Plays to everybody in the call; `PlayCompleted` follows. */
  play(sound: Sound, options?: WithoutUri<PlayToAllOptions>): Promise<void>;
  /** Listens for tones, a choice or speech; `RecognizeCompleted` follows. */
  recognize(from: Who, options: RecognizeOptions): Promise<void>;
  /** Ends the call for everybody, or with `forEveryone: false` leaves it. */
  hangUp(options?: { readonly forEveryone?: boolean }): Promise<void>;
  transfer(to: Who, options?: WithoutUri<TransferCallToParticipantOptions>): Promise<void>;
  addParticipant(target: Target, options?: WithoutUri<AddParticipantOptions>): Promise<AddParticipantResult>;
  removeParticipant(who: Who, options?: WithoutUri<RemoveParticipantsOption>): Promise<void>;
  startRecording(options?: RecordingOptions): Promise<RecordingStateResult>;
  stopRecording(recordingId: string): Promise<void>;
  /** A callback URI of this call, for what you do through `sdk` and give an `operationCallbackUrl`. */
  callbackUri(): Promise<string>;
  /** The call in the SDK, for all the rest. */
  sdk(): Promise<CallConnection>;
};

/** Places a call; its events come to `events`. */
export type PlaceCall = (target: Target, options?: PlaceCallOptions) => Promise<PlacedCall>;
export type PlacedCall = { readonly call: Call; readonly reference: string };

export type Who = Parameters<CallConnection['removeParticipant']>[0];
/** Somebody to invite, with the caller id to show; a phone number needs a `sourceCallIdNumber`. */
export type Target = CallInvite;

/** A file that the service can fetch, text to be spoken, or SSML. */
export type Sound =
  | { readonly file: string }
  | ({ readonly text: string } & Omit<TextSource, 'kind' | 'text'>)
  | { readonly ssml: string }
  | FileSource
  | TextSource
  | SsmlSource;

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

export type RecognizeOptions = WithoutUri<
  | CallMediaRecognizeDtmfOptions
  | CallMediaRecognizeChoiceOptions
  | CallMediaRecognizeSpeechOptions
  | CallMediaRecognizeSpeechOrDtmfOptions
>;

export type RecordingOptions = Omit<
  StartRecordingOptions,
  'callLocator' | 'callConnectionId' | 'recordingStateCallbackEndpointUrl' | 'abortSignal'
>;
