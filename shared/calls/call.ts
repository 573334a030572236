import type { Call } from '../events/actions.ts';
import type { CallbackUri } from './callback-uri.ts';
import type { CallClient } from './client.ts';
import { soundSource } from './sound.ts';

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
