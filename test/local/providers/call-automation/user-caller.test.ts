import { DtmfTone } from '@azure/communication-call-automation';
import type {
  CallMedia,
  CallMediaRecognizeChoiceOptions,
  CallMediaRecognizeDtmfOptions,
  FileSource,
  SsmlSource,
  TextSource,
} from '@azure/communication-call-automation';
import { expect, test } from 'vitest';
import type { UserCaller } from '../../../../local/providers/call-automation/service/user-caller.ts';
import { manualClock } from '../../../clock.ts';
import { startPlay } from './setup.ts';

type PlaySource = FileSource | SsmlSource | TextSource;
const who = { phoneNumber: '+12065550100' };
const digits = (options: Partial<CallMediaRecognizeDtmfOptions> = {}): CallMediaRecognizeDtmfOptions => ({
  kind: 'callMediaRecognizeDtmfOptions',
  operationContext: 'here',
  ...options,
});
const choice: CallMediaRecognizeChoiceOptions = {
  kind: 'callMediaRecognizeChoiceOptions',
  operationContext: 'here',
  choices: [
    { label: 'Sales', phrases: ['sales', 'I want to buy'], tone: DtmfTone.One },
    { label: 'Support', phrases: ['support'], tone: DtmfTone.Two },
  ],
};

/** A call whose caller the user drives, answered by the app. */
async function startUserCall({ timesOut = false } = {}) {
  const clock = manualClock();
  const played = await startPlay({ clock });
  const caller = played.service.userCall({ timesOut });
  const answered = await played.answered({}, caller.incoming);
  return {
    ...played,
    ...answered,
    clock,
    caller,
    says: () => caller.notices().says,
    /** The last event, with what tells it from others. */
    async last(): Promise<Record<string, unknown>> {
      await played.service.idle();
      const { type, event } = played.service.deliveries().at(-1)!;
      const { resultInformation, operationContext, ...data } = event.data as Record<string, any>;
      const { code, subCode } = resultInformation;
      return { type, code, subCode, operationContext, ...data };
    },
  };
}

type Ask = (media: CallMedia) => Promise<void>;
const ask =
  (options: Parameters<CallMedia['startRecognizing']>[1]): Ask =>
  (media) =>
    media.startRecognizing(who, options as CallMediaRecognizeDtmfOptions);

const speech = ask({ kind: 'callMediaRecognizeSpeechOptions', operationContext: 'here' });
const speechOrDigits = ask({
  kind: 'callMediaRecognizeSpeechOrDtmfOptions',
  maxTonesToCollect: 2,
  operationContext: 'here',
});

const answers: readonly [string, Ask, (caller: UserCaller) => void, object][] = [
  [
    'as many digits as asked for',
    ask(digits({ maxTonesToCollect: 2 })),
    (caller) => caller.press('12'),
    {
      type: 'RecognizeCompleted',
      code: 200,
      subCode: 8531,
      recognitionType: 'dtmf',
      dtmfResult: { tones: ['one', 'two'] },
    },
  ],
  [
    'digits one by one',
    ask(digits({ maxTonesToCollect: 2 })),
    (caller) => (caller.press('*'), caller.press('0')),
    { type: 'RecognizeCompleted', subCode: 8531, dtmfResult: { tones: ['asterisk', 'zero'] } },
  ],
  [
    'more digits than asked for: the rest is not heard',
    ask(digits({ maxTonesToCollect: 1 })),
    (caller) => caller.press('12#'),
    { type: 'RecognizeCompleted', subCode: 8531, dtmfResult: { tones: ['one'] } },
  ],
  [
    'digits up to a stop tone',
    ask(digits({ maxTonesToCollect: 9, stopDtmfTones: [DtmfTone.Pound] })),
    (caller) => caller.press('12#'),
    { type: 'RecognizeCompleted', code: 200, subCode: 8514, dtmfResult: { tones: ['one', 'two', 'pound'] } },
  ],
  [
    'silence',
    ask(digits({ maxTonesToCollect: 1 })),
    (caller) => caller.silent(),
    { type: 'RecognizeFailed', code: 400, subCode: 8510 },
  ],
  [
    'fewer digits than asked for, and silence',
    ask(digits({ maxTonesToCollect: 4 })),
    (caller) => (caller.press('12'), caller.silent()),
    { type: 'RecognizeCompleted', code: 400, subCode: 8532, dtmfResult: { tones: ['one', 'two'] } },
  ],
  [
    'the phrase of a choice, in any case of letters',
    ask(choice),
    (caller) => caller.say('i want to BUY.'),
    {
      type: 'RecognizeCompleted',
      code: 200,
      subCode: 8545,
      recognitionType: 'choices',
      choiceResult: { label: 'Sales', recognizedPhrase: 'I want to buy' },
    },
  ],
  [
    'the key of a choice',
    ask(choice),
    (caller) => caller.press('2'),
    { type: 'RecognizeCompleted', code: 200, subCode: 8533, choiceResult: { label: 'Support' } },
  ],
  [
    'another phrase',
    ask(choice),
    (caller) => caller.say('pizza'),
    { type: 'RecognizeFailed', code: 400, subCode: 8547 },
  ],
  [
    'another key',
    ask(choice),
    (caller) => caller.press('9'),
    { type: 'RecognizeFailed', code: 500, subCode: 8534 },
  ],
  ['no choice at all', ask(choice), (caller) => caller.silent(), { type: 'RecognizeFailed', subCode: 8510 }],
  [
    'speech',
    speech,
    (caller) => caller.say('Good morning'),
    {
      type: 'RecognizeCompleted',
      recognitionType: 'speech',
      speechResult: { speech: 'Good morning', confidence: 0.9 },
    },
  ],
  [
    'speech instead of digits',
    speechOrDigits,
    (caller) => caller.say('one'),
    { type: 'RecognizeCompleted', recognitionType: 'speech', speechResult: { speech: 'one' } },
  ],
  [
    'digits instead of speech',
    speechOrDigits,
    (caller) => caller.press('12'),
    { type: 'RecognizeCompleted', recognitionType: 'dtmf', dtmfResult: { tones: ['one', 'two'] } },
  ],
];

test.each(answers)('the app receives the event of %s', async (_name, asks, act, expected) => {
  const { caller, media, last } = await startUserCall();
  await asks(media);
  act(caller);
  expect(await last()).toMatchObject({ operationContext: 'here', ...expected });
  expect(caller.notices()).toEqual({ state: 'connected', says: 'the app asks for nothing' });
});

test('a key of a choice has no phrase', async () => {
  const { caller, media, last } = await startUserCall();
  await ask(choice)(media);
  caller.press('1');
  expect((await last())['choiceResult']).toEqual({ label: 'Sales' });
});

test.each<[string, Ask, string]>([
  ['digits', ask(digits({ maxTonesToCollect: 1 })), 'digits (1 at most), 5 s'],
  [
    'digits with an end',
    ask(digits({ stopDtmfTones: [DtmfTone.Pound, DtmfTone.Asterisk], initialSilenceTimeoutInSeconds: 10 })),
    'digits, # or * at their end, 10 s',
  ],
  ['a choice', ask(choice), 'a choice: Sales (1), Support (2), 5 s'],
  ['speech', speech, 'speech, 5 s'],
  ['either', speechOrDigits, 'speech or digits (2 at most), 5 s'],
])('the caller notices that the app asks for %s', async (_name, asks, says) => {
  const { caller, media, service } = await startUserCall();
  const noticed: string[] = [];
  service.onCaller((one) => noticed.push(one.notices().says));
  await asks(media);
  await service.idle();
  expect(caller.notices()).toEqual({ state: 'asked', says: `the app asked for ${says}` });
  expect(noticed.at(-1)).toBe(`the app asked for ${says}`);
});

const playing: readonly [string, readonly PlaySource[], string][] = [
  ['a text', [{ kind: 'textSource', text: 'We are\nat home.' }], 'said "We are at home."'],
  ['a long text', [{ kind: 'textSource', text: 'a'.repeat(121) }], `said "${'a'.repeat(120)}…"`],
  [
    'text that a terminal would obey',
    [{ kind: 'textSource', text: '\u001b[2J' }],
    String.raw`said "\u{1b}[2J"`,
  ],
  [
    'SSML',
    [{ kind: 'ssmlSource', ssmlText: '<speak version="1.0"><voice name="x">Press <b>1</b></voice></speak>' }],
    'said "Press 1"',
  ],
  [
    'SSML without text',
    [{ kind: 'ssmlSource', ssmlText: '<speak><audio src="x"/></speak>' }],
    'played <speak><audio src="x"/></speak>',
  ],
  [
    'a file, without what may be a signature',
    [{ kind: 'fileSource', url: 'https://app.example/hi.wav?sig=secret' }],
    'played https://app.example/hi.wav',
  ],
  [
    'several in their order',
    [
      { kind: 'fileSource', url: 'https://app.example/hi.wav' },
      { kind: 'textSource', text: 'Hello.' },
    ],
    'played https://app.example/hi.wav, said "Hello."',
  ],
];

test.each(playing)('the caller hears %s', async (_name, sources, hears) => {
  const { caller, media, service, says } = await startUserCall();
  const lines: unknown[] = [];
  service.onCaller((_caller, line) => line && lines.push(line));
  await media.playToAll([...sources]);
  await service.idle();
  expect(says()).toBe(`the app ${hears}`);
  await ask(digits({ maxTonesToCollect: 1, playPrompts: [...sources] }))(media);
  await service.idle();
  const asks = `the app ${hears} and asked for digits (1 at most), 5 s`;
  expect(says()).toBe(`the app ${hears}; ${asks}`);
  expect(lines).toEqual([
    { by: 'caller', text: `the app ${hears}` },
    { by: 'caller', text: asks },
  ]);
  caller.turn({ by: 'test', text: 'press 1' });
  expect(says()).toBe(asks);
});

test('what plays again and again is not remembered without end', async () => {
  const { caller, says } = await startUserCall();
  for (let time = 1; time <= 21; time++) caller.hear([{ text: { text: `time ${time}` } }]);
  expect(says()).toMatch(/^the app said "time 2"; .*; the app said "time 21"$/);
});

test('a question that waits for another one is heard when its turn comes, and once', async () => {
  const { caller, media, service } = await startUserCall();
  const lines: string[] = [];
  service.onCaller((_caller, line) => line && lines.push(line.text));
  for (const text of ['One?', 'Two?'])
    await ask(digits({ maxTonesToCollect: 1, playPrompt: { kind: 'textSource', text } }))(media);
  await service.idle();
  caller.press('1');
  await service.idle();
  expect(lines).toEqual([
    'the app said "One?" and asked for digits (1 at most), 5 s',
    'the app said "Two?" and asked for digits (1 at most), 5 s',
  ]);
});

test('silence ends a recognition after the time that the app set, and another time after a digit', async () => {
  const { caller, media, clock, service, last, says } = await startUserCall({ timesOut: true });
  const options = { maxTonesToCollect: 4, initialSilenceTimeoutInSeconds: 10, interToneTimeoutInSeconds: 3 };
  await ask(digits(options))(media);
  await service.idle();
  await clock.advance(9_999);
  expect(says()).toBe('the app asked for digits (4 at most), 10 s');
  const lines: unknown[] = [];
  service.onCaller((_caller, line) => line && lines.push(line));
  await clock.advance(1);
  expect(await last()).toMatchObject({ type: 'RecognizeFailed', subCode: 8510 });
  expect(lines).toEqual([{ by: 'timed out', text: 'silence' }]);

  await ask(digits(options))(media);
  await service.idle();
  caller.press('7');
  await clock.advance(2_999);
  expect(says()).toBe('the app asked for digits (4 at most); pressed: 7');
  await clock.advance(1);
  expect(await last()).toMatchObject({
    type: 'RecognizeCompleted',
    subCode: 8532,
    dtmfResult: { tones: ['seven'] },
  });
  expect(clock.sleepers()).toBe(0);
});

test('a second recognition waits for the first, unless it interrupts it', async () => {
  const { caller, media, service, told } = await startUserCall();
  const one = { maxTonesToCollect: 1 };
  await ask(digits({ ...one, operationContext: 'first' }))(media);
  await ask(digits({ ...one, operationContext: 'second' }))(media);
  await service.idle();
  caller.press('12');
  await ask(digits({ ...one, operationContext: 'third' }))(media);
  await ask(digits({ ...one, operationContext: 'fourth', interruptCallMediaOperation: true }))(media);
  await service.idle();
  caller.press('3');
  await service.idle();
  expect(told()).toEqual([
    ['RecognizeCompleted', 'first'],
    ['RecognizeCompleted', 'second'],
    ['RecognizeCanceled', 'third'],
    ['RecognizeCompleted', 'fourth'],
  ]);
});

test('the app cancels what it asked for', async () => {
  const { media, service, last, says } = await startUserCall();
  await ask(digits())(media);
  await service.idle();
  await media.cancelAllOperations();
  expect(await last()).toMatchObject({ type: 'RecognizeCanceled', code: 400, subCode: 8508 });
  expect(says()).toBe('the app asks for nothing');
});

test('each key is an event while the app listens to every key', async () => {
  const { caller, media, service, says, told } = await startUserCall();
  await media.startContinuousDtmfRecognition(who, { operationContext: 'here' });
  expect(says()).toBe('the app listens to every key');
  caller.press('4#');
  await service.idle();
  expect(
    service
      .deliveries()
      .slice(2)
      .map(({ event }) => event.data),
  ).toMatchObject([
    { tone: 'four', sequenceId: 1, operationContext: 'here' },
    { tone: 'pound', sequenceId: 2, operationContext: 'here' },
  ]);
  await media.stopContinuousDtmfRecognition(who);
  expect(() => caller.press('1')).toThrow('listens to no keys');
  await service.idle();
  expect(told().at(-1)?.[0]).toBe('ContinuousDtmfRecognitionStopped');
});

test.each([
  ['succeeds', ['CallTransferAccepted', 'CallDisconnected'], 'the call is over: it was transferred'],
  ['fails', ['CallTransferFailed'], 'the app asks for nothing'],
] as const)('a transfer waits, and then %s', async (how, types, says) => {
  const { caller, call, service, told } = await startUserCall();
  await call.transferCallToParticipant({ communicationUserId: '8:acs:clerk' }, { operationContext: 'here' });
  await service.idle();
  expect(told()).toEqual([]);
  expect(caller.notices()).toEqual({
    state: 'asked',
    says: 'the app transfers the call to 8:acs:clerk: it succeeds or fails',
  });
  expect(() => caller.silent()).toThrow(
    'Silence has no effect: the app transfers the call to 8:acs:clerk: it succeeds or fails.',
  );
  caller.transfer(how);
  await service.idle();
  expect(told().map(([type]) => type)).toEqual(types);
  expect(told()[0]?.[1]).toBe('here');
  expect(caller.notices().says).toBe(says);
});

test('the caller hangs up: while it rings, and during the call', async () => {
  const { caller, id, client, callbackUri, service, last, media, says } = await startUserCall({
    timesOut: true,
  });
  await ask(digits())(media);
  await service.idle();
  caller.hangUp();
  expect(await last()).toMatchObject({ type: 'CallDisconnected', callConnectionId: id });
  expect(says()).toBe('the call is over: the caller hung up');
  await expect(media.cancelAllOperations()).rejects.toMatchObject({ statusCode: 404 });

  const ringing = service.userCall({ timesOut: true });
  expect(ringing.notices()).toEqual({ state: 'ringing', says: 'it rings' });
  ringing.hangUp();
  await expect(client.answerCall(ringing.incoming.incomingCallContext, callbackUri)).rejects.toMatchObject({
    statusCode: 404,
  });
});

test('the app ends the call, rejects it or redirects it', async () => {
  const { call, says, service, client } = await startUserCall();
  await call.hangUp(true);
  expect(says()).toBe('the call is over: the app ended it');
  const [rejected, redirected] = [service.userCall({ timesOut: true }), service.userCall({ timesOut: true })];
  await client.rejectCall(rejected.incoming.incomingCallContext);
  await client.redirectCall(redirected.incoming.incomingCallContext, {
    targetParticipant: { communicationUserId: '8:acs:clerk' },
  });
  expect(rejected.notices().says).toBe('the call is over: the app rejected it');
  expect(redirected.notices().says).toBe('the call is over: the app redirected it');
});

test.each<[string, Ask | undefined, (caller: UserCaller) => void, string]>([
  ['a key', undefined, (caller) => caller.press('1'), 'listens to no keys'],
  ['speech', undefined, (caller) => caller.say('hello'), 'does not listen'],
  ['silence', undefined, (caller) => caller.silent(), 'Silence has no effect: the app waits for nothing.'],
  ['a transfer', undefined, (caller) => caller.transfer('fails'), 'has not asked to transfer'],
  ['speech among digits', ask(digits()), (caller) => caller.say('one'), 'listens for digits'],
  ['a key among speech', speech, (caller) => caller.press('1'), 'listens for speech'],
  [
    'a key where no choice has one',
    ask({ ...choice, choices: [{ label: 'Sales', phrases: ['sales'] }] }),
    (caller) => caller.press('1'),
    'No choice has a key',
  ],
  ['a key that no phone has', ask(digits()), (caller) => caller.press('1x'), '0 to 9, * and #'],
  ['no key', ask(digits()), (caller) => caller.press(' '), '0 to 9, * and #'],
])('what the service ignores is refused with the reason: %s', async (_name, asks, act, why) => {
  const { caller, media, service, told } = await startUserCall();
  await asks?.(media);
  await service.idle();
  expect(() => act(caller)).toThrow(why);
  await service.idle();
  expect(told()).toEqual([]);
});
