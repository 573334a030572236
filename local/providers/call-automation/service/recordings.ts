import { randomUUID } from 'node:crypto';
import { faultOfUri, refused } from './operation.ts';
import type { Operation, Operations } from './operation.ts';
import type { Answer, Body, LiveCall, Recording, Service } from './model.ts';

/** Recordings of calls that are on. A paused one counts as inactive. */
export const recordingOperations: Operations = {
  'POST /calling/recordings': (body, service) => {
    const { recordingStateCallbackUri: uri, pauseOnStart } = body;
    const fault = uri !== undefined && faultOfUri(uri);
    if (fault) return fault;
    const call = recordedCall(body, service);
    if (!call) return refused(404, '8522', 'Call not found.');
    const recording: Recording = {
      recordingId: randomUUID(),
      call,
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

function tellState({ call, uri, recordingId, state, startDateTime }: Recording): void {
  if (!uri) return;
  const recordingKind = 'azureCommunicationServices';
  call.tell('RecordingStateChanged', { recordingId, state, startDateTime, recordingKind }, { uri });
}
