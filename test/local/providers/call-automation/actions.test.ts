import type { CallConnection, CallMedia } from '@azure/communication-call-automation';
import { expect, test } from 'vitest';
import { startPlay } from './setup.ts';

const status = (statusCode: number) => expect.objectContaining({ statusCode });
const user = { communicationUserId: '8:acs:someone' };
const file = { kind: 'fileSource', url: 'https://example.com/hi.wav' } as const;
const text = { kind: 'textSource', text: 'Good morning' } as const;
const context = { operationContext: 'here' };
const websocket = { transportUrl: 'wss://media.example.com/', transportType: 'websocket' } as const;
const streams = {
  mediaStreamingOptions: { ...websocket, contentType: 'audio', audioChannelType: 'mixed' },
  transcriptionOptions: { ...websocket, locale: 'en-US' },
} as const;

type Act = (media: CallMedia, call: CallConnection) => Promise<unknown>;

const actions: readonly [string, Act, ...string[]][] = [
  ['play', (media) => media.playToAll([file], context), 'PlayStarted', 'PlayCompleted'],
  ['play to one', (media) => media.play([text], [user], context), 'PlayStarted', 'PlayCompleted'],
  [
    'recognize',
    (media) =>
      media.startRecognizing(user, {
        kind: 'callMediaRecognizeDtmfOptions',
        maxTonesToCollect: 2,
        ...context,
      }),
    'RecognizeCompleted',
  ],
  ['send tones', (media) => media.sendDtmfTones(['one'], user, context), 'SendDtmfTonesCompleted'],
  [
    'stop continuous recognition',
    async (media) => {
      await media.startContinuousDtmfRecognition(user, context);
      await media.stopContinuousDtmfRecognition(user, context);
    },
    'ContinuousDtmfRecognitionStopped',
  ],
  ['start media streaming', (media) => media.startMediaStreaming(context), 'MediaStreamingStarted'],
  ['stop media streaming', (media) => media.stopMediaStreaming(context), 'MediaStreamingStopped'],
  ['start transcription', (media) => media.startTranscription(context), 'TranscriptionStarted'],
  ['update transcription', (media) => media.updateTranscription('de-DE', context), 'TranscriptionUpdated'],
  ['stop transcription', (media) => media.stopTranscription(context), 'TranscriptionStopped'],
  [
    'add a participant',
    (_, call) => call.addParticipant({ targetParticipant: user }, context),
    'AddParticipantSucceeded',
    'ParticipantsUpdated',
  ],
  ['remove a stranger', (_, call) => call.removeParticipant(user, context), 'RemoveParticipantFailed'],
  [
    'transfer the call',
    (_, call) => call.transferCallToParticipant(user, context),
    'CallTransferAccepted',
    'CallDisconnected',
  ],
  ['hang up', (_, call) => call.hangUp(false), 'CallDisconnected'],
  ['hang up for everybody', (_, call) => call.hangUp(true), 'CallDisconnected'],
];

const OF_THE_CALL = new Set(['ParticipantsUpdated', 'CallDisconnected']);

test.each(actions)('to %s leads to its events, with the context given', async (_name, act, ...expected) => {
  const { service, answered, told } = await startPlay();
  const { media, call } = await answered(streams);
  await act(media, call);
  await service.idle();
  expect(told()).toEqual(expected.map((type) => [type, OF_THE_CALL.has(type) ? undefined : 'here']));
});

test('what is recognised are as many tones as were asked for', async () => {
  const { service, answered } = await startPlay();
  const { media } = await answered();
  await media.startRecognizing(user, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 3 });
  await service.idle();
  expect(service.deliveries().at(-1)?.event.data).toMatchObject({
    recognitionType: 'dtmf',
    dtmfResult: { tones: ['one', 'two', 'three'] },
  });
});

test('a loop plays until it is cancelled', async () => {
  const { service, answered, told } = await startPlay();
  const { media } = await answered();
  await media.playToAll([file], { loop: true, ...context });
  await service.idle();
  expect(told()).toEqual([['PlayStarted', 'here']]);
  await media.cancelAllOperations();
  await service.idle();
  expect(told().slice(1)).toEqual([['PlayCanceled', 'here']]);
});

test('the events of an action go where the action says', async () => {
  const { app, service, answered } = await startPlay();
  const { media } = await answered();
  const operationCallbackUrl = `${app.url}/elsewhere?key=other`;
  await media.playToAll([file], { operationCallbackUrl });
  await service.idle();
  expect(
    app
      .received()
      .slice(2)
      .map(({ url }) => url),
  ).toEqual(['/elsewhere?key=other', '/elsewhere?key=other']);
});

test('participants come and go, and each can be asked for', async () => {
  const { service, answered } = await startPlay();
  const { call, incoming } = await answered();
  await call.addParticipant({ targetParticipant: user });
  await service.idle();
  const { values = [] } = await call.listParticipants();
  expect(values).toHaveLength(3);
  const caller = { phoneNumber: incoming.from.phoneNumber?.value ?? '' };
  await call.muteParticipant(caller);
  expect(await call.getParticipant(caller)).toMatchObject({ isMuted: true, isOnHold: false });
  await call.removeParticipant(caller);
  await service.idle();
  await expect(call.getParticipant(caller)).rejects.toEqual(status(404));
});

test.each([
  ['its server call id, which makes the recorder a connection of its own', true],
  ['its connection', false],
])('a recording tells its state to the URI that it was given: of a call by %s', async (_how, isOwn) => {
  const { app, service, client, answered } = await startPlay();
  const { id, incoming } = await answered();
  const recordings = client.getCallRecording();
  const { recordingId = '', recordingState } = await recordings.start({
    ...(isOwn
      ? { callLocator: { kind: 'serverCallLocator', id: incoming.serverCallId } }
      : { callConnectionId: id }),
    recordingStateCallbackEndpointUrl: `${app.url}/recording`,
  });
  expect(recordingState).toBe('active');
  await recordings.pause(recordingId);
  expect(await recordings.getState(recordingId)).toMatchObject({ recordingState: 'inactive' });
  await recordings.resume(recordingId);
  await recordings.stop(recordingId);
  await expect(recordings.getState(recordingId)).rejects.toEqual(status(404));
  await service.idle();
  const changes = service.deliveries().slice(2);
  expect(changes.map(({ uri }) => uri)).toEqual(Array(4).fill(`${app.url}/recording`));
  expect(changes.map(({ event }) => event.data)).toMatchObject(
    ['active', 'inactive', 'active', 'inactive'].map((state) => ({
      recordingId,
      state,
      serverCallId: incoming.serverCallId,
      correlationId: incoming.correlationId,
    })),
  );
  const connections = new Set(changes.map(({ event }) => event.data.callConnectionId));
  expect([connections.size, connections.has(id)]).toEqual([1, !isOwn]);
});

test('a call that nobody knows, or that is over, is not found', async () => {
  const { service, client, answered } = await startPlay();
  const unknown = client.getCallConnection('unknown');
  await expect(unknown.getCallConnectionProperties()).rejects.toEqual(status(404));
  const { id, call, media } = await answered();
  expect(await call.getCallConnectionProperties()).toMatchObject({ callConnectionState: 'connected' });
  service.hangUp(id);
  for (const act of [
    () => call.getCallConnectionProperties(),
    () => media.playToAll([file]),
    () => call.hangUp(true),
  ])
    await expect(act()).rejects.toEqual(status(404));
  await service.idle();
  expect(service.deliveries().at(-1)?.type).toBe('CallDisconnected');
});

test('a call takes actions from its first event on', async () => {
  const { app, service, client, callbackUri, told } = await startPlay();
  const statuses: unknown[] = [];
  app.answer(async ({ body }) => {
    const [{ type, data }] = JSON.parse(body);
    const call = client.getCallConnection(data.callConnectionId);
    if (type.endsWith('CallConnected')) {
      statuses.push((await call.getCallConnectionProperties()).callConnectionState);
      await call.getCallMedia().playToAll([file], context);
    }
    return { status: 200 };
  });
  const { callConnectionProperties } = await client.answerCall(
    service.incomingCall().incomingCallContext,
    callbackUri,
  );
  statuses.unshift(callConnectionProperties.callConnectionState);
  await service.idle();
  expect(statuses).toEqual(['connecting', 'connected']);
  expect(told()).toEqual([
    ['PlayStarted', 'here'],
    ['PlayCompleted', 'here'],
  ]);
});

test('a stream that the call was not set up with cannot be started', async () => {
  const { answered } = await startPlay();
  const { media } = await answered();
  await expect(media.startMediaStreaming()).rejects.toEqual(status(400));
  await expect(media.startTranscription()).rejects.toEqual(status(400));
});
