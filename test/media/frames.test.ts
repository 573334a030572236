import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFrame } from '../../media/frames.ts';
import { anyText } from '../support/text.ts';

const parse = (message: unknown) => parseFrame(JSON.stringify(message));

describe('the five kinds', () => {
  test('audio metadata', () => {
    const audioMetadata = {
      subscriptionId: 'b3d3',
      encoding: 'PCM',
      sampleRate: 16000,
      channels: 1,
      length: 640,
    };
    expect(parse({ kind: 'AudioMetadata', audioMetadata })).toEqual({
      kind: 'AudioMetadata',
      ...audioMetadata,
    });
  });

  test('audio data', () => {
    const audioData = {
      timestamp: '2024-11-15T19:16:12.925Z',
      participantRawID: '8:acs:x',
      data: 'AAEC',
      silent: false,
    };
    expect(parse({ kind: 'AudioData', audioData })).toEqual({
      kind: 'AudioData',
      pcm: Buffer.from([0, 1, 2]),
      silent: false,
      participant: '8:acs:x',
      timestamp: '2024-11-15T19:16:12.925Z',
    });
    expect(parse({ kind: 'AudioData', audioData: { ...audioData, silent: true } })).toMatchObject({
      silent: true,
    });
  });

  test('a tone', () => {
    expect(parse({ kind: 'DtmfData', dtmfData: { data: '3' } })).toEqual({ kind: 'DtmfData', tone: '3' });
  });

  test('transcription metadata', () => {
    const transcriptionMetadata = {
      subscriptionId: 's',
      locale: 'en-us',
      callConnectionId: 'c',
      correlationId: 'x',
    };
    expect(parse({ kind: 'TranscriptionMetadata', transcriptionMetadata })).toEqual({
      kind: 'TranscriptionMetadata',
      ...transcriptionMetadata,
    });
  });

  test('transcription data, with offsets that a number would round', () => {
    // The documented example; JSON.parse makes 2516998782481234432 of it.
    const text = `{"kind":"TranscriptionData","transcriptionData":{"text":"Hi there.","format":"display","confidence":0.695223,
      "offset":2516998782481234401,"duration":12345,"words":[{"text":"hi","offset":2516998782481234403,"duration":7},{"text":"there","offset":0}],
      "participantRawID":"8:acs:","resultStatus":"Final"}}`;
    expect(parseFrame(text)).toEqual({
      kind: 'TranscriptionData',
      text: 'Hi there.',
      format: 'display',
      confidence: 0.695223,
      offset: '2516998782481234401',
      duration: '12345',
      words: [
        { text: 'hi', offset: '2516998782481234403', duration: '7' },
        { text: 'there', offset: '0', duration: undefined },
      ],
      participant: '8:acs:',
      resultStatus: 'Final',
    });
  });
});

describe('members that are not named', () => {
  test('the participant and the time of a tone', () => {
    const dtmfData = { data: '5', participantRawID: '4:+15550123', timestamp: '2026-11-15T19:16:12.925Z' };
    expect(parse({ kind: 'DtmfData', dtmfData })).toStrictEqual({
      kind: 'DtmfData',
      tone: '5',
      participant: '4:+15550123',
      timestamp: '2026-11-15T19:16:12.925Z',
    });
  });

  test('the members that the SDKs know of a transcription', () => {
    const transcriptionMetadata = { locale: 'en-us', speechRecognitionModelEndpointId: 'model' };
    expect(parse({ kind: 'TranscriptionMetadata', transcriptionMetadata })).toMatchObject(
      transcriptionMetadata,
    );
    const transcriptionData = {
      text: 'Hi there.',
      sentimentAnalysisResult: { sentiment: 'neutral' },
      languageIdentified: 'en-US',
    };
    expect(parse({ kind: 'TranscriptionData', transcriptionData })).toMatchObject(transcriptionData);
  });

  const novelty = { a: [1, 'two', null], b: { c: true } };
  test.each([
    ['AudioMetadata', { sampleRate: 16000 }],
    ['AudioData', { data: 'AAEC' }],
    ['DtmfData', { data: '5' }],
    ['TranscriptionMetadata', { locale: 'en-us' }],
    ['TranscriptionData', { text: 'Hi', words: [{ text: 'Hi', novelty }] }],
  ])('a new member of %s is passed on as it came', (kind, members) => {
    const name = kind.charAt(0).toLowerCase() + kind.slice(1);
    const frame = parse({ kind, [name]: { ...members, novelty, empty: null } });
    expect(frame).toMatchObject({ kind, novelty, empty: null });
    if (kind === 'TranscriptionData') expect(frame).toMatchObject({ words: [{ novelty }] });
  });

  test.each([
    ['AudioData', { data: 'AAEC', pcm: 'forged', participant: 'forged', kind: 'DtmfData', silent: 'yes' }],
    ['DtmfData', { data: '5', tone: 'forged', participant: 'forged', kind: 'AudioData' }],
    ['TranscriptionData', { text: 'Hi', participant: 'forged', kind: 'AudioData', words: [{}, 7] }],
  ])('none replaces a member of ours: %s', (kind, members) => {
    const name = kind.charAt(0).toLowerCase() + kind.slice(1);
    const frame = parse({ kind, [name]: members });
    expect(frame?.kind).toBe(kind);
    expect(JSON.stringify(frame)).not.toContain('forged');
  });

  test('a member called __proto__ changes no prototype', () => {
    const frame = parseFrame('{"kind":"DtmfData","dtmfData":{"data":"5","__proto__":{"participant":"x"}}}');
    expect(Object.getPrototypeOf(frame)).toBe(Object.prototype);
    expect(frame).toMatchObject({ tone: '5', participant: undefined });
  });
});

test('a body under either case of its name is read', () => {
  expect(parse({ kind: 'DtmfData', DtmfData: { data: '3' } })).toEqual({ kind: 'DtmfData', tone: '3' });
});

test.each(['Novelty', '', 'audiodata', '__proto__', 'constructor', 'toString'])(
  'an unknown kind %j is handed on as it came',
  (kind) => {
    const message = { kind, novelty: { a: [1, 'two'] } };
    expect(parse(message)).toEqual({ kind: 'Unknown', name: kind, members: message });
  },
);

test.each([
  { kind: 'AudioMetadata' },
  { kind: 'AudioMetadata', audioMetadata: null },
  { kind: 'AudioMetadata', audioMetadata: { sampleRate: '16000', channels: {}, encoding: 7 } },
])('what is missing or of another type is undefined: %j', (message) => {
  expect(parse(message)).toEqual({
    kind: 'AudioMetadata',
    subscriptionId: undefined,
    encoding: undefined,
    sampleRate: undefined,
    channels: undefined,
    length: undefined,
  });
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '"AudioData"',
  '{}',
  '{"kind":1}',
  '{"kind":"AudioData"}',
  '{"kind":"AudioData","audioData":{"data":[1]}}',
  '{"kind":"DtmfData","dtmfData":{}}',
  '{"kind":"TranscriptionData","transcriptionData":{"text":null}}',
])('what cannot be read is no frame: %s', (text) => {
  expect(parseFrame(text)).toBeUndefined();
});

describe('for any input', () => {
  test('text is a frame or none, and never a fault', () => {
    fc.assert(fc.property(anyText(), (text) => void parseFrame(text)));
  });

  test('a message of any shape is a frame or none, and never a fault', () => {
    const kind = fc.constantFrom(
      'AudioMetadata',
      'AudioData',
      'DtmfData',
      'TranscriptionMetadata',
      'TranscriptionData',
      'Other',
    );
    fc.assert(
      fc.property(kind, fc.jsonValue(), fc.jsonValue(), (name, body, words) => {
        const member = name.charAt(0).toLowerCase() + name.slice(1);
        const frame = parse({ kind: name, [member]: { text: 'x', data: 'x', words, ...Object(body) } });
        if (frame) expect(frame.kind === 'Unknown' ? frame.name : frame.kind).toBe(name);
      }),
    );
  });

  test('audio comes out as it went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (pcm) => {
        const audioData = { data: Buffer.from(pcm).toString('base64') };
        expect(parse({ kind: 'AudioData', audioData })).toMatchObject({ pcm: Buffer.from(pcm) });
      }),
    );
  });

  test('an offset keeps every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (offset) => {
        const text = `{"kind":"TranscriptionData","transcriptionData":{"text":"x","offset":${offset},"words":[{"text":"x","offset":${offset}}]}}`;
        expect(parseFrame(text)).toMatchObject({ offset: `${offset}`, words: [{ offset: `${offset}` }] });
      }),
    );
  });
});
