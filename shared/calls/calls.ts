import type { Call, PlaceCall, Ring } from '../events/actions.ts';
import type { IncomingCallEvent } from '../events/incoming-call.ts';
import type { Clock } from '../clock.ts';
import { callOf } from './call.ts';
import type { CallbackUri } from './callback-uri.ts';
import type { CallClient } from './client.ts';
import { mediaOptions } from './media.ts';
import type { MediaUri } from './media.ts';
import { newReference } from './reference.ts';

/** Answering and placing calls. */
export type Calls = {
  /** A call that rings, for the handler of an IncomingCall. */
  ring(event: IncomingCallEvent, reference: string, signal: AbortSignal): Ring;
  /** A call that is under way, for the handler of one of its events. */
  call(callConnectionId: string, reference: string): Call;
  placeCall: PlaceCall;
  /** Loads the SDK and signs in ahead of the first call. Never rejects. */
  warm(): Promise<void>;
};

/** A call rings this long, in seconds. https://learn.microsoft.com/azure/communication-services/concepts/call-automation/incoming-call-notification */
const RINGING = 30;

/** @param bind remembers which call a reference stands for, as soon as the service has said so */
export function callsThrough(options: {
  client: CallClient;
  callbackUri: CallbackUri;
  mediaUri: MediaUri;
  bind: (reference: string, callConnectionId: string) => Promise<void>;
  clock: Clock;
}): Calls {
  const { client, callbackUri, mediaUri, bind, clock } = options;

  async function connected(properties: { callConnectionId?: string }, reference: string): Promise<Call> {
    const { callConnectionId = '' } = properties;
    if (callConnectionId) await bind(reference, callConnectionId);
    return callOf(options, callConnectionId, reference);
  }

  return {
    call: (callConnectionId, reference) => callOf(options, callConnectionId, reference),

    ring(event, reference, abortSignal) {
      const { incomingCallContext } = event.data;
      return {
        missed: clock.now() - Date.parse(event.time ?? '') / 1000 > RINGING,
        async answer({ mediaStreaming, transcription, ...others } = {}) {
          const media = await mediaOptions({ mediaStreaming, transcription }, reference, mediaUri);
          const uri = await callbackUri(reference);
          const answered = await (
            await client()
          ).answerCall(incomingCallContext, uri, { ...others, ...media, abortSignal });
          return connected(answered.callConnectionProperties, reference);
        },
        async reject(callRejectReason = 'none') {
          await (await client()).rejectCall(incomingCallContext, { callRejectReason, abortSignal });
        },
        async redirect(target) {
          await (await client()).redirectCall(incomingCallContext, target, { abortSignal });
        },
      };
    },

    async placeCall(target, { mediaStreaming, transcription, ...others } = {}) {
      const reference = newReference();
      const media = await mediaOptions({ mediaStreaming, transcription }, reference, mediaUri);
      const uri = await callbackUri(reference);
      const placed = await (await client()).createCall(target, uri, { ...others, ...media });
      return { call: await connected(placed.callConnectionProperties, reference), reference };
    },

    async warm() {
      await client().catch(() => {});
    },
  };
}
