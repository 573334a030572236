import type {
  CallEvent,
  CallEventData,
  CallEventName,
  Identifier,
  Tone,
} from '../../../../shared/events/call-automation.ts';
import type { IncomingCallData } from './incoming-call.ts';

// The calls, streams and recordings of the fake service, and the requests about them.

/** The phone numbers of the resource, and its trunks of Direct Routing by name. */
export type Telephony = { readonly numbers: string[]; readonly trunks: Map<string, object> };

/** A call when it is answered or placed. */
export type NewCall = {
  readonly callbackUri: string;
  readonly operationContext?: string | undefined;
  readonly serverCallId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly source?: Identifier | undefined;
  readonly sourceDisplayName?: string | undefined;
  readonly targets: readonly Identifier[];
  readonly answeredBy?: { readonly id: string } | undefined;
  readonly mediaStreaming?: StreamOptions | undefined;
  readonly transcription?: StreamOptions | undefined;
  /** Where the user drives the caller. Every other caller answers at once. */
  readonly caller?: Caller | undefined;
};

/** What the service does to a caller that the user drives. */
export type Caller = {
  answered(call: LiveCall): void;
  /** @param why for the user, after "the call is over: " */
  end(why: string): void;
  hear(sources: readonly PlaySource[]): void;
  recognize(body: Body): void;
  cancelRecognitions(): void;
  /** From now on each key is an event of its own, beside a recognition. */
  startEveryKey(body: Body): void;
  stopEveryKey(): void;
  /** @param accepted sends what follows an accepted transfer */
  askToTransfer(body: Body, accepted: () => void): void;
};

/** What a WebSocket is opened for. */
export type StreamKind = 'media' | 'transcription';

/** Where a media stream or a transcription goes, and whether it starts with the call. */
export type StreamOptions = {
  readonly transportUrl?: string;
  readonly startMediaStreaming?: boolean;
  readonly startTranscription?: boolean;
  readonly locale?: string;
};

export type Stream = { readonly id: string; readonly options: StreamOptions; active: boolean };

type Loose<Data> = { readonly [Member in keyof Data]?: Data[Member] | undefined };

/** Sends an event of a call, to the URI of the call unless another is given. */
export type Tell = <Name extends CallEventName>(
  name: Name,
  data?: Loose<CallEventData[Name]>,
  to?: { readonly uri?: string | undefined; readonly before?: () => void },
) => CallEvent<Name>;

export type LiveCall = Omit<NewCall, 'mediaStreaming' | 'transcription'> & {
  readonly callConnectionId: string;
  readonly serverCallId: string;
  readonly correlationId: string;
  state: 'connecting' | 'connected' | 'disconnected';
  /** By raw id. */
  readonly participants: Map<string, { identifier: Identifier; isMuted: boolean; isOnHold: boolean }>;
  readonly mediaStreaming: Stream | undefined;
  readonly transcription: Stream | undefined;
  /** Sounds that play until they are cancelled. */
  readonly loops: { readonly operationContext: string | undefined; readonly uri: string | undefined }[];
  /** Invitations that were accepted, by id. */
  readonly invitations: Set<string>;
  readonly tell: Tell;
  /** Opens the WebSocket of a stream. */
  readonly stream: (kind: StreamKind, stream: Stream) => void;
};

export type Recording = {
  readonly recordingId: string;
  readonly call: LiveCall;
  /** Of the recorder: its own if the recording was started by the server call id, else that of the call. */
  readonly callConnectionId: string;
  /** The URI that gets its state, if any. */
  readonly uri: string | undefined;
  /** RFC 3339. */
  readonly startDateTime: string;
  state: 'active' | 'inactive';
};

/** The state of the fake service. */
export type Service = {
  readonly calls: Map<string, LiveCall>;
  /** By incomingCallContext; undefined once the call is answered or has stopped ringing. */
  readonly ringing: Map<string, IncomingCallData | undefined>;
  readonly recordings: Map<string, Recording>;
  /** The phone numbers of the resource, and its trunks of Direct Routing by name. */
  readonly telephony: { readonly numbers: string[]; readonly trunks: Map<string, object> };
  /** The callers that the user drives, by incomingCallContext. */
  readonly callers: Map<string, Caller>;
  readonly open: (call: NewCall) => LiveCall;
  /** The tones that the called party presses next. */
  readonly tones: (most: number) => readonly string[];
};

/** A text, SSML or a file that is played. */
export type PlaySource = {
  readonly text?: { readonly text?: string };
  readonly ssml?: { readonly ssmlText?: string };
  readonly file?: { readonly uri?: string };
};

/** The members of request bodies that the service looks at. */
export type Body = {
  readonly callbackUri?: string;
  readonly operationCallbackUri?: string;
  readonly operationContext?: string;
  readonly incomingCallContext?: string;
  readonly targets?: readonly Identifier[];
  readonly target?: Identifier;
  /** The app's own identity, in the API's form for a user. */
  readonly source?: { readonly id: string };
  readonly sourceDisplayName?: string;
  /** The Teams resource account that a call is placed for, instead of `source`. */
  readonly teamsAppSource?: { readonly appId: string };
  readonly answeredBy?: { readonly id: string };
  readonly callLocator?: { readonly kind?: string; readonly serverCallId?: string };
  readonly mediaStreamingOptions?: StreamOptions;
  readonly transcriptionOptions?: StreamOptions;
  readonly targetParticipant?: Identifier;
  readonly targetParticipants?: readonly Identifier[];
  readonly transferee?: Identifier;
  readonly participantToAdd?: Identifier;
  readonly participantToRemove?: Identifier;
  readonly invitationId?: string;
  readonly fromCall?: string;
  readonly playSources?: readonly PlaySource[];
  readonly playPrompt?: PlaySource;
  readonly playPrompts?: readonly PlaySource[];
  readonly playOptions?: { readonly loop?: boolean };
  readonly recognizeInputType?: string;
  readonly recognizeOptions?: {
    readonly initialSilenceTimeoutInSeconds?: number;
    readonly dtmfOptions?: {
      readonly interToneTimeoutInSeconds?: number;
      readonly maxTonesToCollect?: number;
      readonly stopTones?: readonly Tone[];
    };
    readonly choices?: readonly {
      readonly label: string;
      readonly phrases?: readonly string[];
      readonly tone?: Tone;
    }[];
  };
  readonly interruptCallMediaOperation?: boolean;
  readonly tones?: readonly string[];
  readonly callConnectionId?: string;
  readonly recordingStateCallbackUri?: string;
  readonly pauseOnStart?: boolean;
};

export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  /** Runs once the answer is sent. */
  readonly follow?: () => void;
};
