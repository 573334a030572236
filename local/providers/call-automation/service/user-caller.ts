import type { Clock } from '../../../../shared/clock.ts';
import type { IncomingCallData } from './incoming-call.ts';
import { disconnect } from './live-call.ts';
import type { Body, LiveCall, PlaySource } from './model.ts';
import { CANCELED, CallerError, recognition, tonesOf } from './recognition.ts';
import type { Recognized } from './recognition.ts';
import { heard, shownTarget } from './sounds.ts';

type Listening = ReturnType<typeof recognition> & {
  /** What the caller hears before. */
  readonly prompt: string;
  readonly end: (how: Recognized) => void;
};
type Noticed = { readonly state: 'ringing' | 'connected' | 'asked' | 'over'; readonly says: string };
type Transfer = { readonly to: string; readonly succeed: () => void; readonly fail: () => void };

/** One line of a call, such as `press 1` by the page, or `the app said "Hello."` as the caller notices it. */
export type Line = {
  readonly by: 'caller' | 'timed out' | 'terminal' | 'page' | 'send' | 'test';
  readonly text: string;
};

/** Handlers may play without end. */
const MAX_SOUNDS = 20;

/**
 * The caller of one call, driven by the user: what the app asks for waits until the user acts, or until the silence is as
 * long as the app allows. The calls of scenarios have no such caller, and answer by themselves.
 *
 * @param timesOut whether silence ends a recognition by itself; a test lets it end by `silent` alone
 * @param stopRinging the context of the call can no longer be answered
 * @param onChange runs when `notices` may have changed, with a line where there is something new to tell
 */
export function userCaller(
  incoming: IncomingCallData,
  options: { clock: Clock; timesOut: boolean; stopRinging: () => void; onChange: (line?: Line) => void },
) {
  const { clock, timesOut, stopRinging, onChange } = options;
  const placedAt = Math.round(clock.now() * 1000);
  let call: LiveCall | undefined;
  let over = '';
  /** What the app played since the user acted. */
  let sounds: string[] = [];
  /** The first is going on; the service starts the next when it has ended. */
  const recognitions: Listening[] = [];
  let cancelTimer = () => {};
  let transfer: Transfer | undefined;
  /** Every key is an event of its own, beside a recognition. */
  let everyKey: { readonly to: Body; sequenceId: number } | undefined;

  function end(why: string): void {
    over = why;
    cancelTimer();
    recognitions.length = 0;
    transfer = undefined;
    everyKey = undefined;
    tellUser();
  }

  /** What the app asks for now, or that the call is over. */
  function current(): Noticed {
    if (over) return { state: 'over', says: `the call is over: ${over}` };
    if (!call) return { state: 'ringing', says: 'it rings' };
    if (transfer)
      return { state: 'asked', says: `the app transfers the call to ${transfer.to}: it succeeds or fails` };
    const [now] = recognitions;
    if (now) {
      const prompt = now.prompt && `${now.prompt} and `;
      return { state: 'asked', says: `the app ${prompt}asked for ${now.asks()}` };
    }
    if (everyKey) return { state: 'asked', says: 'the app listens to every key' };
    return { state: 'connected', says: 'the app asks for nothing' };
  }

  const tellUser = () => onChange({ by: 'caller', text: current().says });

  /** Measures the silence from now on. */
  function listen(): void {
    cancelTimer();
    const [now] = recognitions;
    if (now && timesOut)
      cancelTimer = clock.after(now.silenceMs(), () => {
        caller.turn({ by: 'timed out', text: 'silence' });
        finish(now.timeout());
      });
    if (now) tellUser();
    else onChange();
  }

  function finish(how: Recognized): void {
    recognitions.shift()?.end(how);
    listen();
  }

  /** @throws CallerError while the call is not answered */
  function connected(): LiveCall {
    if (over) throw new CallerError(`The call is over: ${over}.`);
    if (!call) throw new CallerError('The app has not answered the call yet.');
    return call;
  }

  const caller = {
    incoming,
    /** Milliseconds since the epoch. */
    placedAt,
    /** By these it is found. */
    names: () => ({
      ...(call && { callConnectionId: call.callConnectionId }),
      serverCallId: incoming.serverCallId,
      correlationId: incoming.correlationId,
    }),
    /**
     * What the caller has noticed since the user acted, such as `the app said "Press 1." and asked for digits (1 at most), 10 s`.
     * Several things are in their order, with semicolons between them.
     */
    notices(): Noticed {
      const { state, says } = current();
      const said = state === 'connected' && sounds.length > 0 ? sounds : [...sounds, says];
      return { state, says: said.join('; ') };
    },
    /** The user acts, or has been silent for too long: what was heard before is past. */
    turn(line: Line): void {
      sounds = [];
      onChange(line);
    },

    // What the user does. Each throws a CallerError where it is not possible now.
    press(keys: string): void {
      const { tell } = connected();
      const tones = tonesOf(keys);
      if (!recognitions[0] && !everyKey)
        throw new CallerError('The app listens to no keys now: the service ignores them.');
      let how: Recognized | undefined;
      for (const tone of tones) {
        how = recognitions[0]?.press(tone);
        if (everyKey) {
          const { operationContext, operationCallbackUri: uri } = everyKey.to;
          const sequenceId = ++everyKey.sequenceId;
          tell('ContinuousDtmfRecognitionToneReceived', { operationContext, tone, sequenceId }, { uri });
        }
        if (how) finish(how);
      }
      if (!how) listen();
    },
    say(text: string): void {
      connected();
      const [now] = recognitions;
      if (!now) throw new CallerError('The app does not listen now: the service ignores what is said.');
      finish(now.say(text));
    },
    silent(): void {
      connected();
      const [now] = recognitions;
      if (!now) {
        const { state, says } = current();
        const waits = state === 'asked' ? says : 'the app waits for nothing';
        throw new CallerError(`Silence has no effect: ${waits}.`);
      }
      finish(now.timeout());
    },
    hangUp(why = 'the caller hung up'): void {
      if (over) throw new CallerError(`The call is over: ${over}.`);
      end(why);
      if (call) disconnect(call)();
      else stopRinging();
    },
    transfer(how: 'succeeds' | 'fails'): void {
      connected();
      if (!transfer) throw new CallerError('The app has not asked to transfer the call.');
      const { succeed, fail } = transfer;
      transfer = undefined;
      (how === 'succeeds' ? succeed : fail)();
      onChange();
    },

    // What the service does. The caller may have hung up at the same moment.
    answered(by: LiveCall): void {
      call = by;
      onChange();
    },
    end(why: string): void {
      if (!over) end(why);
    },
    hear(sources: readonly PlaySource[]): void {
      if (over) return;
      const text = `the app ${heard(sources)}`;
      sounds.push(text);
      if (sounds.length > MAX_SOUNDS) sounds.shift();
      onChange({ by: 'caller', text });
    },
    recognize(body: Body): void {
      if (!call || over) return;
      const { tell } = call;
      if (body.interruptCallMediaOperation) caller.cancelRecognitions();
      const { operationContext, operationCallbackUri: uri, playPrompt } = body;
      const { playPrompts = playPrompt ? [playPrompt] : [] } = body;
      recognitions.push({
        ...recognition(body),
        prompt: heard(playPrompts),
        end: ({ name, data }) => void tell(name, { operationContext, ...data }, { uri }),
      });
      if (recognitions.length === 1) listen();
    },
    cancelRecognitions(): void {
      for (const one of recognitions.splice(0)) one.end(CANCELED);
      listen();
    },
    startEveryKey(body: Body): void {
      everyKey = { to: body, sequenceId: 0 };
      tellUser();
    },
    stopEveryKey(): void {
      everyKey = undefined;
      onChange();
    },
    askToTransfer(body: Body, accepted: () => void): void {
      if (!call || over) return;
      const { tell } = call;
      const { operationContext, operationCallbackUri: uri, targetParticipant = {} } = body;
      transfer = {
        to: shownTarget(targetParticipant),
        succeed: accepted,
        fail: () => void tell('CallTransferFailed', { operationContext, ...DECLINED }, { uri }),
      };
      tellUser();
    },
  };
  return caller;
}

export type UserCaller = ReturnType<typeof userCaller>;

/** The target declines, in the code of SIP. The service documents no codes of a failed transfer: not sure. */
const DECLINED = { resultInformation: { code: 603, subCode: 0, message: 'Decline.' } };
