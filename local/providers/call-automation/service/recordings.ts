import { randomUUID } from 'node:crypto';
import type { RecordingFileStatusUpdatedData } from '../../../../shared/events/call-automation.ts';
import { faultOfUri, refused } from './operation.ts';
import type { Operation, Operations } from './operation.ts';
import type { Answer, Body, LiveCall, Recording, Service } from './model.ts';

/** Recordings of calls that are on. A paused one counts as inactive. */
export const recordingOperations: Operations = {
  'POST /calling/recordings': (body, service) => {
    const { recordingStateCallbackUri: uri, pauseOnStart, callConnectionId = randomUUID() } = body;
    const fault = uri !== undefined && faultOfUri(uri);
    if (fault) return fault;
    const call = recordedCall(body, service);
    if (!call) return refused(404, '8522', 'Call not found.');
    const recording: Recording = {
      recordingId: randomUUID(),
      call,
      callConnectionId,
      uri,
      startDateTime: new Date().toISOString(),
      state: pauseOnStart ? 'inactive' : 'active',
    };
    service.recordings.set(recording.recordingId, recording);
    return { status: 200, body: described(recording), follow: () => tellState(recording) };
  },
  'GET /calling/recordings/{recording}': onRecording((recording) => ({
    status: 200,
    body: described(recording),
  })),
  'DELETE /calling/recordings/{recording}': onRecording((recording, { recordings }) => {
    recordings.delete(recording.recordingId);
    return changed(recording, 'inactive', 204);
  }),
  'POST /calling/recordings/{recording}:pause': onRecording((recording) =>
    changed(recording, 'inactive', 202),
  ),
  'POST /calling/recordings/{recording}:resume': onRecording((recording) =>
    changed(recording, 'active', 202),
  ),
};

function onRecording(operate: (recording: Recording, service: Service) => Answer): Operation {
  return (_body, service, [id = '']) => {
    const recording = service.recordings.get(id);
    return recording ? operate(recording, service) : refused(404, '8522', 'Recording not found.');
  };
}

function recordedCall({ callConnectionId, callLocator }: Body, { calls }: Service): LiveCall | undefined {
  return [...calls.values()].find(
    (call) =>
      call.state === 'connected' &&
      (callConnectionId
        ? call.callConnectionId === callConnectionId
        : call.serverCallId === callLocator?.serverCallId),
  );
}

function changed(recording: Recording, state: Recording['state'], status: number): Answer {
  recording.state = state;
  return { status, follow: () => tellState(recording) };
}

const described = ({ recordingId, state }: Recording) => ({
  recordingId,
  recordingState: state,
  recordingKind: 'azureCommunicationServices',
});

function tellState({ call, callConnectionId, uri, recordingId, state, startDateTime }: Recording): void {
  if (!uri) return;
  const recordingKind = 'azureCommunicationServices';
  const data = { callConnectionId, recordingId, state, startDateTime, recordingKind };
  call.tell('RecordingStateChanged', data, { uri });
}

/**
 * The event of Event Grid that a recording is ready, after the documented example:
 * https://learn.microsoft.com/azure/event-grid/communication-services-voice-video-events
 */
export function recordingReady(recordingId: string = randomUUID()) {
  const document = `0-weu-d1-${randomUUID().replaceAll('-', '')}`;
  const storage = `https://storage.example/v1/objects/${document}`;
  const chunk = {
    documentId: document,
    index: 0,
    endReason: 'SessionEnded',
    contentLocation: `${storage}/content/audio`,
    metadataLocation: `${storage}/content/acsmetadata`,
    deleteLocation: storage,
  };
  const data: RecordingFileStatusUpdatedData = {
    recordingStorageInfo: { recordingChunks: [chunk] },
    recordingStartTime: new Date(Date.now() - 60_000).toISOString(),
    recordingDurationMs: 42_000,
    recordingContentType: 'Audio',
    recordingChannelType: 'Mixed',
    recordingFormatType: 'Wav',
    sessionEndReason: 'CallEnded',
  };
  return {
    type: 'Microsoft.Communication.RecordingFileStatusUpdated',
    subject: `/recording/call/${randomUUID()}/recordingId/${recordingId}`,
    data,
  };
}
