import type { MediaFrame, TranscribedWord } from '../shared/events/media.ts';

/*
 * The messages of Call Automation's WebSockets, in both directions.
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/audio-streaming-quickstart
 */

type Members = Readonly<Record<string, unknown>>;

/**
 * Parses a message of Call Automation. Members that are missing or have another type are `undefined`. Members of the body
 * that `shared/events/media.ts` does not name are passed on, under ours. Unknown kinds are passed on unchanged.
 *
 * Keeps no state between messages, so it cannot mix up calls.
 *
 * @returns undefined if the message is no JSON object with a kind, or lacks the main member of its kind
 */
export function parseFrame(text: string): MediaFrame | undefined {
  const message = object(parsed(text));
  const kind = message?.['kind'];
  if (!message || typeof kind !== 'string') return undefined;
  const read = readers.get(kind);
  return read ? read(body(message, kind), text) : { kind: 'Unknown', name: kind, members: message };
}

// Our members come last, so that no member of the sender can replace them.
const readers = new Map<string, (members: Members, text: string) => MediaFrame | undefined>([
  [
    'AudioMetadata',
    (members) => ({
      ...members,
      kind: 'AudioMetadata',
      subscriptionId: string(members['subscriptionId']),
      encoding: string(members['encoding']),
      sampleRate: number(members['sampleRate']),
      channels: number(members['channels']),
      length: number(members['length']),
    }),
  ],
  [
    'AudioData',
    ({ data, silent, participantRawID, timestamp, ...others }) =>
      typeof data === 'string'
        ? {
            ...others,
            kind: 'AudioData',
            pcm: Buffer.from(data, 'base64'),
            silent: silent === true,
            participant: string(participantRawID),
            timestamp: string(timestamp),
          }
        : undefined,
  ],
  [
    'DtmfData',
    ({ data, participantRawID, timestamp, ...others }) =>
      typeof data === 'string'
        ? {
            ...others,
            kind: 'DtmfData',
            tone: data,
            participant: string(participantRawID),
            timestamp: string(timestamp),
          }
        : undefined,
  ],
  [
    'TranscriptionMetadata',
    (members) => ({
      ...members,
      kind: 'TranscriptionMetadata',
      subscriptionId: string(members['subscriptionId']),
      locale: string(members['locale']),
      callConnectionId: string(members['callConnectionId']),
      correlationId: string(members['correlationId']),
      speechRecognitionModelEndpointId: string(members['speechRecognitionModelEndpointId']),
    }),
  ],
  [
    'TranscriptionData',
    (_rounded, text) => {
      const { participantRawID, ...members } = body(object(parsed(text, exactly)) ?? {}, 'TranscriptionData');
      const { words } = members;
      if (typeof members['text'] !== 'string') return undefined;
      return {
        ...timed(members['text'], members),
        kind: 'TranscriptionData',
        format: string(members['format']),
        confidence: number(members['confidence']),
        words: Array.isArray(words) ? words.flatMap(word) : [],
        participant: string(participantRawID),
        resultStatus: string(members['resultStatus']),
        sentimentAnalysisResult: object(members['sentimentAnalysisResult']),
        languageIdentified: string(members['languageIdentified']),
      };
    },
  ],
]);

function word(given: unknown): TranscribedWord[] {
  const members = object(given);
  return typeof members?.['text'] === 'string' ? [timed(members['text'], members)] : [];
}

const timed = (text: string, { offset, duration, ...others }: Members): TranscribedWord => ({
  ...others,
  text,
  offset: string(offset),
  duration: string(duration),
});

/** Finds the body of a message: the SDKs differ in case, `audioData` or `AudioData`. */
function body(message: Members, kind: string): Members {
  return object(message[kind.charAt(0).toLowerCase() + kind.slice(1)]) ?? object(message[kind]) ?? {};
}

/** @returns undefined if `text` is no JSON */
function parsed(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

/** Its context has the source text of a value: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Keeps offsets as text: they exceed 2^53, up to which a JavaScript number is exact. */
const exactly: Reviver = (key, value, { source }) =>
  typeof value === 'number' && (key === 'offset' || key === 'duration') ? source : value;

const object = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
const string = (value: unknown) => (typeof value === 'string' ? value : undefined);
const number = (value: unknown) => (typeof value === 'number' ? value : undefined);

/** The message that plays audio. Base64 has no character that JSON escapes. */
export function audioMessage(pcm: Uint8Array): string {
  const data = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return `{"kind":"AudioData","audioData":{"data":"${data}"},"stopAudio":null}`;
}

/** The message that drops all audio that was sent and is not played yet. Its form is that of the JavaScript SDK. */
export const stopMessage = '{"kind":"StopAudio","audioData":null,"stopAudio":{}}';
