import type { HandlerContext } from './handlers.ts';

/*
 * What travels over the WebSockets of Call Automation, as a handler sees it.
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/real-time-transcription-tutorial
 */

/** The first frame of media streaming: what the audio is like. */
export type AudioMetadata = {
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
export type AudioData = {
  readonly kind: 'AudioData';
  readonly pcm: Uint8Array;
  readonly silent: boolean;
  /** The raw id of who speaks, where the audio is not mixed. */
  readonly participant: string | undefined;
  /** RFC 3339. */
  readonly timestamp: string | undefined;
};

/** A key that somebody pressed. */
export type DtmfData = { readonly kind: 'DtmfData'; readonly tone: string };

/** The first frame of a transcription. */
export type TranscriptionMetadata = {
  readonly kind: 'TranscriptionMetadata';
  readonly subscriptionId: string | undefined;
  readonly locale: string | undefined;
  readonly callConnectionId: string | undefined;
  readonly correlationId: string | undefined;
};

/** What somebody said. */
export type TranscriptionData = {
  readonly kind: 'TranscriptionData';
  readonly text: string;
  readonly format: string | undefined;
  /** From 0 to 1. */
  readonly confidence: number | undefined;
  /**
   * In units of 100 nanoseconds, in decimal. Text, since it exceeds what a JavaScript number holds exactly, and a bigint
   * cannot be written as JSON: reckon with `BigInt(offset)`.
   */
  readonly offset: string | undefined;
  /** As `offset`. */
  readonly duration: string | undefined;
  readonly words: readonly TranscribedWord[];
  /** The raw id of who speaks. */
  readonly participant: string | undefined;
  /** `Intermediate` or `Final`. */
  readonly resultStatus: string | undefined;
};
export type TranscribedWord = {
  readonly text: string;
  readonly offset: string | undefined;
  readonly duration: string | undefined;
};

/** A frame of a kind that this list does not know, as it came. */
export type UnknownFrame = {
  readonly kind: 'Unknown';
  /** The kind that it names. */
  readonly name: string;
  readonly members: Readonly<Record<string, unknown>>;
};

export type MediaFrame =
  AudioMetadata | AudioData | DtmfData | TranscriptionMetadata | TranscriptionData | UnknownFrame;

/** What a socket was opened for. */
export type MediaPurpose = 'media' | 'transcription';

/**
 * One open socket. Iterating over it yields its frames in their order and ends when the socket is closed; a handler that
 * takes them slowly makes the sender wait. Leaving the iteration (`break`) discards what comes after.
 */
export type MediaSession = AsyncIterable<MediaFrame> & {
  /** The call reference: the same as in every callback of the call. */
  readonly reference: string;
  readonly purpose: MediaPurpose;
  /** What the sender says in its headers, which no signature covers. */
  readonly callConnectionId: string | undefined;
  /**
   * Plays audio into the call, in the format of the frames that come. Resolves when it is on its way: await it, and a slow
   * connection slows the handler down. Does nothing once the socket is closed.
   */
  send(pcm: Uint8Array): Promise<void>;
  /** Stops what was sent and is not played yet. */
  stop(): Promise<void>;
  /** @param code of RFC 6455, section 7.4: 1000, or 3000 to 4999 */
  close(code?: number, reason?: string): void;
};

/**
 * Beside a session. `signal` is aborted when the socket is closed, `idempotencyKey` is the same whenever the service opens
 * this stream of this call anew.
 */
export type MediaContext = HandlerContext;

/**
 * What `handlers/media.ts` exports as `media`: runs once for each socket that was let in. When it ends, the socket is
 * closed; when it throws, with 1011.
 */
export type MediaHandler = (session: MediaSession, context: MediaContext) => unknown;
