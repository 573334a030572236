import type { HandlerContext } from './context.ts';

/*
 * The frames of Call Automation's WebSockets, as a handler sees them.
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
 */

/** Members that this list does not name are passed on as the sender wrote them. They never replace one that it names. */
type Others = Readonly<Record<string, unknown>>;

/** The first frame of media streaming: the format of the audio. */
export type AudioMetadata = Others & {
  readonly kind: 'AudioMetadata';
  readonly subscriptionId: string | undefined;
  /** `PCM`: 16 bit, little-endian. */
  readonly encoding: string | undefined;
  /** Hertz. */
  readonly sampleRate: number | undefined;
  readonly channels: number | undefined;
  /** Bytes of each frame of audio. */
  readonly length: number | undefined;
};

/** Twenty milliseconds of audio. */
export type AudioData = Others & {
  readonly kind: 'AudioData';
  readonly pcm: Uint8Array;
  readonly silent: boolean;
  /** The raw id of the speaker, if the audio is not mixed: `rawId` of what `caller()` gives. */
  readonly participant: string | undefined;
  /** RFC 3339. */
  readonly timestamp: string | undefined;
};

/** A key that a participant pressed. */
export type DtmfData = Others & {
  readonly kind: 'DtmfData';
  readonly tone: string;
  /** The raw id of the participant. */
  readonly participant?: string | undefined;
  /** RFC 3339. */
  readonly timestamp?: string | undefined;
};

/** The first frame of a transcription. */
export type TranscriptionMetadata = Others & {
  readonly kind: 'TranscriptionMetadata';
  readonly subscriptionId: string | undefined;
  readonly locale: string | undefined;
  readonly callConnectionId: string | undefined;
  readonly correlationId: string | undefined;
  /** The custom speech model, if there is one. */
  readonly speechRecognitionModelEndpointId?: string | undefined;
};

/** What a participant said. */
export type TranscriptionData = Others & {
  readonly kind: 'TranscriptionData';
  readonly text: string;
  readonly format: string | undefined;
  /** From 0 to 1. */
  readonly confidence: number | undefined;
  /**
   * In units of 100 nanoseconds, in decimal. Text, because it exceeds 2^53 and a bigint cannot be written as JSON. Compute
   * with `BigInt(offset)`.
   */
  readonly offset: string | undefined;
  /** As `offset`. */
  readonly duration: string | undefined;
  readonly words: readonly TranscribedWord[];
  /** The raw id of the speaker. */
  readonly participant: string | undefined;
  /** `Intermediate` or `Final`. */
  readonly resultStatus: string | undefined;
  /** Such as `{ "sentiment": "neutral" }`. */
  readonly sentimentAnalysisResult?: Readonly<Record<string, unknown>> | undefined;
  /** The locale that was recognised, such as `en-US`. */
  readonly languageIdentified?: string | undefined;
};
export type TranscribedWord = Others & {
  readonly text: string;
  readonly offset: string | undefined;
  readonly duration: string | undefined;
};

/** A frame of a kind that this list does not know, as it was received. */
export type UnknownFrame = {
  readonly kind: 'Unknown';
  /** The kind that the frame names. */
  readonly name: string;
  readonly members: Readonly<Record<string, unknown>>;
};

export type MediaFrame =
  AudioMetadata | AudioData | DtmfData | TranscriptionMetadata | TranscriptionData | UnknownFrame;

/** The purpose of a socket. */
export type MediaPurpose = 'media' | 'transcription';

/**
 * One open socket. Iterating over it yields its frames in their order and ends when the socket is closed. A slow handler
 * makes the sender wait. Leaving the iteration (`break`) discards later frames.
 */
export type MediaSession = AsyncIterable<MediaFrame> & {
  /** The call reference: the same as in every callback of the call. */
  readonly reference: string;
  readonly purpose: MediaPurpose;
  /** From the sender's headers, which no signature covers. */
  readonly callConnectionId: string | undefined;
  /**
   * Plays audio into the call, in the format of the received frames. Resolves when it is sent; await it, so that a slow
   * connection slows the handler down. Does nothing once the socket is closed.
   */
  send(pcm: Uint8Array): Promise<void>;
  /** Stops audio that was sent and is not played yet. */
  stop(): Promise<void>;
  /** @param code of RFC 6455, section 7.4: 1000, or 3000 to 4999 */
  close(code?: number, reason?: string): void;
};

/**
 * Beside a session. `signal` aborts when the socket is closed; `idempotencyKey` is the same each time the service opens this
 * stream of this call.
 */
export type MediaContext = HandlerContext;

/**
 * What `handlers/media.ts` exports as `media`: runs once for each verified socket. The socket is closed when the handler
 * ends, with 1011 when it throws.
 */
export type MediaHandler = (session: MediaSession, context: MediaContext) => unknown;
