import type { MediaFrame, TranscribedWord } from '../shared/events/media.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * The frame in a message of Call Automation. What is missing or of another type is `undefined`, what is not known is left
 * out, and a kind that is not known is handed on as it is.
 *
 * Nothing is kept from one message to the next, so that calls cannot be mixed up.
 *
 * @returns undefined where it is no JSON object with a kind, or lacks what its kind is about
 */
export function parseFrame(text: string): MediaFrame | undefined {
  const message = object(parsed(text));
  const kind = message?.['kind'];
  if (!message || typeof kind !== 'string') return undefined;
  const read = readers.get(kind);
  return read ? read(body(message, kind), text) : { kind: 'Unknown', name: kind, members: message };
}

const readers = new Map<string, (members: Members, text: string) => MediaFrame | undefined>([
  [
    'AudioMetadata',
    (members) => ({
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
    ({ data, silent, participantRawID, timestamp }) =>
      typeof data === 'string'
        ? {
            kind: 'AudioData',
            pcm: Buffer.from(data, 'base64'),
            silent: silent === true,
            participant: string(participantRawID),
            timestamp: string(timestamp),
          }
        : undefined,
  ],
  ['DtmfData', ({ data }) => (typeof data === 'string' ? { kind: 'DtmfData', tone: data } : undefined)],
  [
    'TranscriptionMetadata',
    (members) => ({
      kind: 'TranscriptionMetadata',
      subscriptionId: string(members['subscriptionId']),
      locale: string(members['locale']),
      callConnectionId: string(members['callConnectionId']),
      correlationId: string(members['correlationId']),
    }),
  ],
  [
    'TranscriptionData',
    (_inexact, text) => {
      const members = body(object(parsed(text, exactly)) ?? {}, 'TranscriptionData');
      const { words } = members;
      if (typeof members['text'] !== 'string') return undefined;
      return {
        kind: 'TranscriptionData',
        ...timed(members['text'], members),
        format: string(members['format']),
        confidence: number(members['confidence']),
        words: Array.isArray(words) ? words.flatMap(word) : [],
        participant: string(members['participantRawID']),
        resultStatus: string(members['resultStatus']),
      };
    },
  ],
]);

function word(given: unknown): TranscribedWord[] {
  const members = object(given);
  return typeof members?.['text'] === 'string' ? [timed(members['text'], members)] : [];
}

const timed = (text: string, { offset, duration }: Members): TranscribedWord => ({
  text,
  offset: string(offset),
  duration: string(duration),
});

/** The SDKs differ in case: `audioData` or `AudioData`. */
function body(message: Members, kind: string): Members {
  return object(message[kind.charAt(0).toLowerCase() + kind.slice(1)]) ?? object(message[kind]) ?? {};
}

function parsed(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

/** With the text that a value was read from: https://github.com/tc39/proposal-json-parse-with-source */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An offset exceeds 2^53, where a JavaScript number is not exact any more: so it stays the text that it came as. */
const exactly: Reviver = (key, value, { source }) =>
  typeof value === 'number' && (key === 'offset' || key === 'duration') ? source : value;

const object = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
const string = (value: unknown) => (typeof value === 'string' ? value : undefined);
const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
