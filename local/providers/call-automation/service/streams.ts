import { onCall, refused } from './operation.ts';
import type { Operations } from './operation.ts';
import type { Body, LiveCall, Stream } from './model.ts';

/** Media streaming and transcription: the events and the sockets of both. */
export const streamOperations: Operations = {
  'POST /calling/callConnections/{call}:startMediaStreaming': onCall((call, body) =>
    withStream(call.mediaStreaming, (stream) => startMediaStreaming(call, stream, body)),
  ),
  'POST /calling/callConnections/{call}:stopMediaStreaming': onCall((call, body) =>
    withStream(call.mediaStreaming, (stream) => {
      stream.active = false;
      tellOfMedia(call, 'Stopped', body);
    }),
  ),
  'POST /calling/callConnections/{call}:startTranscription': onCall((call, body) =>
    withStream(call.transcription, (stream) => startTranscription(call, stream, body)),
  ),
  'POST /calling/callConnections/{call}:updateTranscription': onCall((call, body) =>
    withStream(call.transcription, () => tellOfTranscription(call, 'Updated', body)),
  ),
  'POST /calling/callConnections/{call}:stopTranscription': onCall((call, body) =>
    withStream(call.transcription, (stream) => {
      stream.active = false;
      tellOfTranscription(call, 'Stopped', body);
    }),
  ),
};

export function startMediaStreaming(call: LiveCall, stream: Stream, body: Body = {}): void {
  stream.active = true;
  tellOfMedia(call, 'Started', body);
  call.stream('media', stream);
}

export function startTranscription(call: LiveCall, stream: Stream, body: Body = {}): void {
  stream.active = true;
  tellOfTranscription(call, 'Started', body);
  call.stream('transcription', stream);
}

/** The options of a stream come with the call. Without them it cannot start. */
function withStream(stream: Stream | undefined, act: (stream: Stream) => void) {
  if (!stream) return refused(400, '8500', 'The call was set up without options for this stream.');
  return { status: 202, follow: () => act(stream) };
}

const DETAILS = {
  Started: 'subscriptionStarted',
  Stopped: 'subscriptionStopped',
  Updated: 'transcriptionLocaleUpdated',
} as const;

function tellOfMedia(call: LiveCall, what: 'Started' | 'Stopped', body: Body): void {
  const mediaStreamingUpdate = {
    contentType: 'Audio',
    mediaStreamingStatus: `mediaStreaming${what}`,
    mediaStreamingStatusDetails: DETAILS[what],
  };
  const { operationContext, operationCallbackUri: uri } = body;
  call.tell(`MediaStreaming${what}`, { operationContext, mediaStreamingUpdate }, { uri });
}

function tellOfTranscription(call: LiveCall, what: keyof typeof DETAILS, body: Body): void {
  const transcriptionUpdate = {
    transcriptionStatus: `transcription${what}`,
    transcriptionStatusDetails: DETAILS[what],
  };
  const { operationContext, operationCallbackUri: uri } = body;
  call.tell(`Transcription${what}`, { operationContext, transcriptionUpdate }, { uri });
}
