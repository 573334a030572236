import { expect, test } from 'vitest';
import { createApp } from '../../shared/app.ts';
import { newReference } from '../../shared/calls/uris.ts';
import { findEndpoint } from '../../shared/delivery/endpoint.ts';
import { createPipeline } from '../../shared/delivery/pipeline.ts';
import type { CallEventName, IncomingCallEvent } from '../../shared/events/call-automation.ts';
import type { CallHandlers } from '../../shared/events/handlers.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { startPlay } from '../local/providers/call-automation/setup.ts';
import { capturedLog } from '../support/log.ts';
import { development } from '../support/settings.ts';

type Handled = { readonly id: string; readonly connection: string; readonly reference: string };

/** An app under CALL_BINDING=enforce that the fake service calls back. */
async function startEnforcing() {
  const { acs, app: receiver, service, client } = await startPlay();
  const { IDENTITY_ENDPOINT = '' } = process.env;
  const settings = readSettings({
    ...development,
    CALL_BINDING: 'enforce',
    ACS_RESOURCE_ID: acs.resourceId,
    ACS_ISSUER: acs.issuer,
    ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
    ACS_ENDPOINT: service.endpoint,
    CALLBACK_BASE_URL: receiver.url,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: 'a secret of thirty-two bytes or more',
    IDENTITY_ENDPOINT,
  });
  const handled: Handled[] = [];
  const calls: CallHandlers = {
    events: {
      otherwise: ({ id }, { call, reference }) =>
        void handled.push({ id, connection: call.callConnectionId, reference }),
    },
  };
  const app = createApp(settings, { calls });
  const served = app.senders
    .flatMap(({ endpoints }) => endpoints)
    .map((endpoint) => ({
      ...endpoint,
      receive: createPipeline(endpoint, { ...app, leaseSeconds: 8, timeoutSeconds: 20 }),
    }));
  const { log, entries } = capturedLog();
  receiver.answer(async ({ url, headers, body }) => {
    const request = new Request(receiver.url + url, {
      method: 'POST',
      body,
      headers: headers as Record<string, string>,
    });
    const endpoint = findEndpoint(served, 'POST', new URL(request.url));
    return endpoint ? endpoint.receive(request, log) : { status: 404 };
  });
  return { service, client, calls: app.platform.calls, handled, entries };
}

const never = new AbortController().signal;
const CALLEE = { targetParticipant: { communicationUserId: '8:acs:callee' } };

/** What else happened in the call that was recorded, leg by leg. */
const OTHERS: readonly (readonly [leg: 0 | 1, name: CallEventName])[] = [
  [1, 'AddParticipantSucceeded'],
  [1, 'ParticipantsUpdated'],
  [0, 'ParticipantsUpdated'],
  [0, 'ContinuousDtmfRecognitionToneReceived'],
  [0, 'ContinuousDtmfRecognitionToneReceived'],
  [0, 'ContinuousDtmfRecognitionStopped'],
  [1, 'RemoveParticipantSucceeded'],
  [1, 'ParticipantsUpdated'],
  [0, 'ParticipantsUpdated'],
  [0, 'SendDtmfTonesCompleted'],
  [1, 'RecognizeCompleted'],
  [1, 'HoldFailed'],
];

test('the 26 events of a recorded call of two legs are all accepted, and each is handled once', async () => {
  const { service, client, calls, handled, entries } = await startEnforcing();

  // One leg is placed and the other answered; each has a reference of its own.
  const placed = await calls.placeCall(CALLEE);
  await service.idle();
  const [{ serverCallId = '', correlationId = '' } = {}] = service.calls();
  const ringing = { id: '1', data: service.incomingCall({ serverCallId, correlationId }) };
  const reference = newReference();
  const answered = await calls.ring(ringing as unknown as IncomingCallEvent, reference, never).answer();
  await service.idle();
  const legs = [placed.call, answered];

  const recording = client.getCallRecording();
  const started = await recording.start({
    callLocator: { kind: 'serverCallLocator', id: serverCallId },
    recordingStateCallbackEndpointUrl: await placed.call.callbackUri(),
  });
  await service.idle();
  for (const leg of legs) await leg.play({ file: 'https://example.com/greeting.wav' });
  await service.idle();
  await recording.pause(started.recordingId ?? '');
  await recording.resume(started.recordingId ?? '');
  await service.idle();
  for (const [leg, name] of OTHERS) service.tell(legs[leg]?.callConnectionId ?? '', name);
  await service.idle();
  await recording.stop(started.recordingId ?? '');
  await service.idle();
  for (const leg of legs) await leg.hangUp();
  await service.idle();

  const sent = service.deliveries();
  expect(sent).toHaveLength(26);
  expect(sent.filter(({ status, attempt }) => status !== 200 || attempt !== 1)).toEqual([]);
  expect(entries().filter(({ reported }) => reported?.includes('reference-of-another-call'))).toEqual([]);
  expect(handled.map(({ id }) => id).toSorted()).toEqual(sent.map(({ event }) => event.id).toSorted());

  // The recorder's connection is neither leg's, and its events belong to the leg whose URI it was given.
  const recorded = sent.filter(({ type }) => type === 'RecordingStateChanged');
  const recorders = new Set(recorded.map(({ event }) => event.data.callConnectionId));
  expect([recorded.length, recorders.size]).toEqual([4, 1]);
  for (const leg of legs) expect(recorders).not.toContain(leg.callConnectionId);
  const references = [placed.reference, reference];
  for (const [index, leg] of legs.entries()) {
    const own = handled.filter((one) => one.reference === references[index]);
    expect(new Set(own.map(({ connection }) => connection))).toEqual(new Set([leg.callConnectionId]));
  }
});

test('an event of another call under the URI of this one is refused', async () => {
  const { service, calls, handled } = await startEnforcing();
  const { call } = await calls.placeCall(CALLEE);
  const other = await calls.placeCall(CALLEE);
  await service.idle();
  handled.length = 0;
  const uri = await call.callbackUri();
  service.tell(other.call.callConnectionId, 'PlayCompleted', {}, { uri });
  await service.idle();
  expect(service.deliveries().at(-1)).toMatchObject({ type: 'PlayCompleted', status: 401 });
  expect(handled).toEqual([]);
});
