import type { FileSource, SsmlSource, TextSource } from '@azure/communication-call-automation';
import type { Clock } from '../clock.ts';
import type { Call, PlaceCall, Ring, Sound } from '../events/actions.ts';
import type { IncomingCallEvent } from '../events/call-automation.ts';
import type { CallClient } from './client.ts';
import { mediaOptions, newReference } from './uris.ts';
import type { CallbackUri, MediaUri } from './uris.ts';

/** A sound as the SDK wants it. */
export function soundSource(sound: Sound): FileSource | TextSource | SsmlSource {
  if ('kind' in sound) return sound;
  if ('file' in sound) return { kind: 'fileSource', url: sound.file };
  if ('ssml' in sound) return { kind: 'ssmlSource', ssmlText: sound.ssml };
  return { kind: 'textSource', ...sound };
}

/**
 * The actions of one call. Each names the call's own callback URI, since an action without one would send its events to
 * the URI that the call was answered with, whose key may have expired meanwhile.
 */
export function callOf(
  { client, callbackUri }: { client: CallClient; callbackUri: CallbackUri },
  callConnectionId: string,
  reference: string,
): Call {
  const sdk = async () => (await client()).getCallConnection(callConnectionId);
  const withUri = async <Options extends object>(options: Options = {} as Options) => ({
    ...options,
    operationCallbackUrl: await callbackUri(reference),
  });
  return {
    callConnectionId,
    sdk,
    callbackUri: () => callbackUri(reference),
    async play(sound, options) {
      const connection = await sdk();
      await connection.getCallMedia().playToAll([soundSource(sound)], await withUri(options));
    },
    async recognize(from, options) {
      const connection = await sdk();
      const recognizing = connection.getCallMedia();
      // The kinds of options are told apart by their `kind`, which leaving out two members does not change.
      const complete = (await withUri(options)) as Parameters<typeof recognizing.startRecognizing>[1];
      await recognizing.startRecognizing(from, complete as never);
    },
    async hangUp({ forEveryone = true } = {}) {
      await (await sdk()).hangUp(forEveryone);
    },
    async transfer(to, options) {
      await (await sdk()).transferCallToParticipant(to, await withUri(options));
    },
    async addParticipant(target, options) {
      return (await sdk()).addParticipant(target, await withUri(options));
    },
    async removeParticipant(who, options) {
      await (await sdk()).removeParticipant(who, await withUri(options));
    },
    async startRecording(options) {
      const recordingStateCallbackEndpointUrl = await callbackUri(reference);
      const recording = (await client()).getCallRecording();
      return recording.start({ ...options, callConnectionId, recordingStateCallbackEndpointUrl });
    },
    async stopRecording(recordingId) {
      await (await client()).getCallRecording().stop(recordingId);
    },
  };
}

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
