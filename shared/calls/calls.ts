import type { CallConnectionProperties } from '@azure/communication-call-automation';
import { withTimeout } from '../async.ts';
import type { Clock } from '../clock.ts';
import type { Call, ParticipantIdentifier, PlaceCall, Recordings, Ring } from '../events/actions.ts';
import type { IncomingCallEvent } from '../events/call-automation.ts';
import { soundSources } from '../events/sounds.ts';
import type { CallClient } from './client.ts';
import { callIdentity } from './identity.ts';
import { traceable } from './traceable.ts';
import { mediaOptions, newReference } from './uris.ts';
import type { CallbackUri, MediaUri } from './uris.ts';

/** A participant in the form of the SDK. The raw id alone says who it is. */
async function identifierOf(rawId: string | undefined): Promise<ParticipantIdentifier> {
  if (!rawId) throw new Error('The service does not say who this is: name the participant yourself');
  return { ...(await import('../azure-sdks.ts')).createIdentifierFromRawId(rawId), rawId };
}

/**
 * The actions of one call. Each names the call's own callback URI: without one its events would go to the URI that the
 * call was answered with, whose key may have expired.
 */
function callActions(
  { client, callbackUri }: { client: CallClient; callbackUri: CallbackUri },
  callConnectionId: string,
  reference: string,
): Call {
  const sdk = async () => (await client()).getCallConnection(callConnectionId);
  const withUri = async <Options extends object>(options: Options = {} as Options) => ({
    ...options,
    operationCallbackUrl: await callbackUri(reference),
  });
  return traceable('call', {
    callConnectionId,
    sdk,
    callbackUri: () => callbackUri(reference),
    async caller() {
      const { source } = await (await sdk()).getCallConnectionProperties();
      return identifierOf(source && (await import('../azure-sdks.ts')).getIdentifierRawId(source));
    },
    identifier: (identifier) => identifierOf(identifier?.rawId),
    async play(prompt, options) {
      await (await sdk()).getCallMedia().playToAll(soundSources(prompt), await withUri(options));
    },
    async recognize(from, { playPrompt, ...options }) {
      const prompts = playPrompt && { playPrompts: soundSources(playPrompt) };
      // The kinds of options are told apart by their `kind`, which leaving out two members does not change.
      const complete = { ...(await withUri(options)), ...prompts } as never;
      await (await sdk()).getCallMedia().startRecognizing(from, complete);
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
  });
}

/** Answering and placing calls. */
export type Calls = {
  /** For the handler of an IncomingCall. */
  ring(event: IncomingCallEvent, reference: string, signal: AbortSignal): Ring;
  /** For the handler of an event of a call in progress. */
  call(callConnectionId: string, reference: string): Call;
  placeCall: PlaceCall;
  recordings: Recordings;
  /** Loads the SDK, signs in and connects, so that the first call does not wait for it. Never rejects. */
  warm(): Promise<void>;
};

/** A call rings this long. https://learn.microsoft.com/azure/communication-services/concepts/call-automation/incoming-call-notification */
const RINGING_SECONDS = 30;

/** The id of a call that does not exist. */
const NO_CALL = 'warm';
const WARM_TIMEOUT_MS = 5000;

/** @param remember writes down the call of a reference as soon as the service names it */
export function createCalls(options: {
  client: CallClient;
  callbackUri: CallbackUri;
  mediaUri: MediaUri;
  remember: (reference: string, identity: string) => Promise<void>;
  clock: Clock;
}): Calls {
  const { callbackUri, mediaUri, remember, clock } = options;
  let isUsed = false;
  const client: CallClient = () => {
    isUsed = true;
    return options.client();
  };

  async function connected(answer: CallConnectionProperties, reference: string): Promise<Call> {
    const { callConnectionId = '' } = answer;
    const identity = callIdentity(answer);
    if (identity !== '') await remember(reference, identity);
    return callActions({ client, callbackUri }, callConnectionId, reference);
  }

  return {
    call: (callConnectionId, reference) => callActions({ client, callbackUri }, callConnectionId, reference),

    ring(event, reference, abortSignal) {
      const { incomingCallContext } = event.data;
      return traceable('ring', {
        missed: clock.now() - Date.parse(event.time ?? '') / 1000 > RINGING_SECONDS,
        caller: () => identifierOf(event.data.from?.rawId),
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
      });
    },

    async placeCall(target, { mediaStreaming, transcription, ...others } = {}) {
      const reference = newReference();
      const media = await mediaOptions({ mediaStreaming, transcription }, reference, mediaUri);
      const uri = await callbackUri(reference);
      const placed = await (await client()).createCall(target, uri, { ...others, ...media });
      return { call: await connected(placed.callConnectionProperties, reference), reference };
    },

    async recordings() {
      return (await client()).getCallRecording();
    },

    async warm() {
      try {
        const sdk = await options.client();
        // A call that rings already brings token and connection itself.
        if (isUsed) return;
        await withTimeout(clock, WARM_TIMEOUT_MS, (abortSignal) =>
          sdk.getCallConnection(NO_CALL).getCallConnectionProperties({ abortSignal }),
        );
      } catch {
        // The service answers that there is no such call.
      }
    },
  };
}
