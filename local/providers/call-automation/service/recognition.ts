import type { CallEventData, Tone } from '../../../../shared/events/call-automation.ts';
import type { Body } from './model.ts';

/** The caller cannot do that now. The message says why, for the user. */
export class CallerError extends Error {
  override readonly name = 'CallerError';
}

/** The event that ends a recognition. */
export type Recognized = {
  readonly name: 'RecognizeCompleted' | 'RecognizeFailed' | 'RecognizeCanceled';
  readonly data: Partial<CallEventData['RecognizeCompleted']>;
};

const KEYS: Readonly<Record<string, Tone>> = {
  '0': 'zero',
  '1': 'one',
  '2': 'two',
  '3': 'three',
  '4': 'four',
  '5': 'five',
  '6': 'six',
  '7': 'seven',
  '8': 'eight',
  '9': 'nine',
  '*': 'asterisk',
  '#': 'pound',
};
const keyOf = new Map(Object.entries(KEYS).map(([key, tone]) => [tone, key]));

/** @throws CallerError */
export function tonesOf(keys: string): readonly Tone[] {
  const tones = [...keys.replaceAll(' ', '')].map((key) => KEYS[key]);
  if (tones.length === 0 || tones.length > MAX_KEYS || tones.includes(undefined))
    throw new CallerError(`A phone has the keys 0 to 9, * and #. At most ${MAX_KEYS} at once: press 12#`);
  return tones as Tone[];
}

const MAX_KEYS = 100;

/**
 * Microsoft documents these, in the tables "Event codes" of
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/recognize-action and in the
 * `MediaEventReasonCode` of the .NET SDK. Nothing here was compared with the real service.
 */
const results = {
  maxTones: resultOf(200, 8531, 'Action completed, max digits received.'),
  stopTone: resultOf(200, 8514, 'Action completed as stop tone was detected.'),
  toneOfChoice: resultOf(200, 8533, 'Action completed, DTMF option matched.'),
  phraseOfChoice: resultOf(200, 8545, 'Action completed, speech option matched.'),
  // Only in an earlier edition of the tables, and not in the SDK: not sure.
  speech: resultOf(200, 8569, 'Action completed, speech was recognized.'),
  initialSilence: resultOf(400, 8510, 'Action failed, initial silence timeout reached.'),
  // Under RecognizeCompleted in all tables, in the newest under RecognizeFailed too: not sure.
  silenceBetweenTones: resultOf(400, 8532, 'Action failed, inter-digit silence timeout reached.'),
  // The code 500 is documented in an earlier edition alone: sure of the subcode, not of the code.
  otherTone: resultOf(500, 8534, 'Action failed, incorrect tone entered.'),
  otherPhrase: resultOf(400, 8547, 'Action failed, recognized phrase does not match a valid option.'),
  canceled: resultOf(400, 8508, 'Action failed, the operation was canceled.'),
};

function resultOf(code: number, subCode: number, message: string) {
  return { resultInformation: { code, subCode, message } };
}

const completed = (data: Recognized['data']): Recognized => ({ name: 'RecognizeCompleted', data });
const failed = (data: Recognized['data']): Recognized => ({ name: 'RecognizeFailed', data });

export const CANCELED: Recognized = { name: 'RecognizeCanceled', data: results.canceled };

/** The defaults that the SDK sends: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/recognize-action */
const INITIAL_SILENCE_SECONDS = 5;
const BETWEEN_TONES_SECONDS = 2;

/** One recognition that the app asked for: what the caller presses and says, and what the service makes of it. */
export function recognition({ recognizeInputType = 'dtmf', recognizeOptions = {} }: Body) {
  const { dtmfOptions = {}, choices = [] } = recognizeOptions;
  const { initialSilenceTimeoutInSeconds = INITIAL_SILENCE_SECONDS } = recognizeOptions;
  const { maxTonesToCollect = Infinity, stopTones = [] } = dtmfOptions;
  const { interToneTimeoutInSeconds = BETWEEN_TONES_SECONDS } = dtmfOptions;
  const tones: Tone[] = [];

  const pressed = (result: object): Recognized =>
    completed({ ...result, recognitionType: 'dtmf', dtmfResult: { tones: [...tones] } });

  function pressChoice(tone: Tone): Recognized {
    if (choices.every((choice) => choice.tone === undefined))
      throw new CallerError('No choice has a key: the service ignores keys here. Say a phrase.');
    const choice = choices.find((one) => one.tone === tone);
    // The phrase is null where a key was pressed.
    return choice
      ? completed({
          ...results.toneOfChoice,
          recognitionType: 'choices',
          choiceResult: { label: choice.label },
        })
      : failed(results.otherTone);
  }

  function sayChoice(text: string): Recognized {
    for (const { label, phrases = [] } of choices) {
      const recognizedPhrase = phrases.find((phrase) => spoken(phrase) === spoken(text));
      if (recognizedPhrase === undefined) continue;
      const choiceResult = { label, recognizedPhrase };
      return completed({ ...results.phraseOfChoice, recognitionType: 'choices', choiceResult });
    }
    return failed(results.otherPhrase);
  }

  function asked(): string {
    const most = maxTonesToCollect === Infinity ? '' : ` (${maxTonesToCollect} at most)`;
    const ends = stopTones.map((tone) => keyOf.get(tone) ?? tone);
    const digits = `digits${most}${ends.length > 0 ? `, ${ends.join(' or ')} at their end` : ''}`;
    if (recognizeInputType === 'choices') return `a choice: ${choices.map(shown).join(', ')}`;
    if (recognizeInputType === 'speech') return 'speech';
    return recognizeInputType === 'dtmf' ? digits : `speech or ${digits}`;
  }

  return {
    /** Such as `digits (4 at most), 10 s`. */
    asks: () =>
      tones.length > 0
        ? `${asked()}; pressed: ${tones.map((tone) => keyOf.get(tone)).join('')}`
        : `${asked()}, ${initialSilenceTimeoutInSeconds} s`,
    /** Until the timeout of the silence that there is now: before the first tone, or between two. */
    silenceMs: () => 1000 * (tones.length > 0 ? interToneTimeoutInSeconds : initialSilenceTimeoutInSeconds),
    /**
     * Undefined while it goes on.
     *
     * @throws CallerError where the service does not listen to keys
     */
    press(tone: Tone): Recognized | undefined {
      if (recognizeInputType === 'choices') return pressChoice(tone);
      if (recognizeInputType === 'speech')
        throw new CallerError('The app listens for speech: the service ignores keys here.');
      tones.push(tone);
      if (stopTones.includes(tone)) return pressed(results.stopTone);
      return tones.length >= maxTonesToCollect ? pressed(results.maxTones) : undefined;
    },
    /** @throws CallerError where the service does not listen to speech */
    say(text: string): Recognized {
      if (recognizeInputType === 'choices') return sayChoice(text);
      if (recognizeInputType === 'dtmf')
        throw new CallerError('The app listens for digits: the service ignores speech here.');
      return completed({
        ...results.speech,
        recognitionType: 'speech',
        speechResult: { speech: text, confidence: 0.9 },
      });
    },
    timeout: (): Recognized =>
      tones.length > 0 ? pressed(results.silenceBetweenTones) : failed(results.initialSilence),
  };
}

type Choice = { readonly label: string; readonly tone?: Tone };

const shown = ({ label, tone }: Choice) => (tone ? `${label} (${keyOf.get(tone) ?? tone})` : label);

/** How a phrase sounds: without the case of its letters and the stops at its end. */
const spoken = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[.!?,]+(?=\s|$)/g, '')
    .trim();
