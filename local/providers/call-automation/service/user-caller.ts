import type { Clock } from '../../../../shared/clock.ts';
import type { IncomingCallData } from './incoming-call.ts';
import { disconnect } from './live-call.ts';
import type { Body, LiveCall } from './model.ts';
import { CANCELED, CallerError, recognition, tonesOf } from './recognition.ts';
import type { Recognized } from './recognition.ts';

type Listening = ReturnType<typeof recognition> & { readonly end: (how: Recognized) => void };
type Noticed = { readonly state: 'ringing' | 'connected' | 'asked' | 'over'; readonly says: string };
type Transfer = { readonly succeed: () => void; readonly fail: () => void };

/**
 * The caller of one call, driven by the user: what the app asks for waits until the user acts, or until the silence is as
 * long as the app allows. The calls of scenarios have no such caller, and answer by themselves.
 *
 * @param timesOut whether silence ends a recognition by itself; a test lets it end by `silent` alone
 * @param stopRinging the context of the call can no longer be answered
 * @param onChange runs when `notices` may have changed
 */
export function userCaller(
  incoming: IncomingCallData,
  options: { clock: Clock; timesOut: boolean; stopRinging: () => void; onChange: () => void },
) {
  const { clock, timesOut, stopRinging, onChange } = options;
  let call: LiveCall | undefined;
  let over = '';
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
    onChange();
  }

  /** Measures the silence from now on. */
  function listen(): void {
    cancelTimer();
    const [now] = recognitions;
    if (now && timesOut) cancelTimer = clock.after(now.silenceMs(), () => finish(now.timeout()));
    onChange();
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
    /** By these it is found. */
    names: () => ({
      ...(call && { callConnectionId: call.callConnectionId }),
      serverCallId: incoming.serverCallId,
      correlationId: incoming.correlationId,
    }),
    /** What the caller notices, such as `the app asked for digits (1 at most), 10 s`. */
    notices(): Noticed {
      if (over) return { state: 'over', says: `the call is over: ${over}` };
      if (!call) return { state: 'ringing', says: 'it rings' };
      if (transfer)
        return { state: 'asked', says: 'the app asked to transfer the call: it succeeds or fails' };
      const [now] = recognitions;
      if (now) return { state: 'asked', says: `the app asked for ${now.asks()}` };
      if (everyKey) return { state: 'asked', says: 'the app listens to every key' };
      return { state: 'connected', says: 'the app asks for nothing' };
    },

    // What the user does. Each throws a CallerError where it is not possible now.
    press(keys: string): void {
      const { tell } = connected();
      const tones = tonesOf(keys);
      if (!recognitions[0] && !everyKey)
        throw new CallerError('The app listens to no keys now: the service ignores them.');
      for (const tone of tones) {
        const how = recognitions[0]?.press(tone);
        if (everyKey) {
          const { operationContext, operationCallbackUri: uri } = everyKey.to;
          const sequenceId = ++everyKey.sequenceId;
          tell('ContinuousDtmfRecognitionToneReceived', { operationContext, tone, sequenceId }, { uri });
        }
        if (how) finish(how);
      }
      listen();
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
      if (!now) throw new CallerError('The app waits for nothing: silence has no effect.');
      finish(now.timeout());
    },
    hangUp(): void {
      if (over) throw new CallerError(`The call is over: ${over}.`);
      end('the caller hung up');
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
    recognize(body: Body): void {
      if (!call || over) return;
      const { tell } = call;
      if (body.interruptCallMediaOperation) caller.cancelRecognitions();
      const { operationContext, operationCallbackUri: uri } = body;
      recognitions.push({
        ...recognition(body),
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
      onChange();
    },
    stopEveryKey(): void {
      everyKey = undefined;
      onChange();
    },
    askToTransfer(body: Body, accepted: () => void): void {
      if (!call || over) return;
      const { tell } = call;
      const { operationContext, operationCallbackUri: uri } = body;
      transfer = {
        succeed: accepted,
        fail: () => void tell('CallTransferFailed', { operationContext, ...DECLINED }, { uri }),
      };
      onChange();
    },
  };
  return caller;
}

export type UserCaller = ReturnType<typeof userCaller>;

/** The target declines, in the code of SIP. The service documents no codes of a failed transfer: not sure. */
const DECLINED = { resultInformation: { code: 603, subCode: 0, message: 'Decline.' } };
