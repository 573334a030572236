import type { Expected, ScenarioContext } from '../../scenarios/context.ts';
import { HANDLED, HANDLED_BEFORE, show } from '../../scenarios/context.ts';
import { CALLEE, hangUp, isLive, placeCall, showCallbacks } from '../call-automation/scenarios.ts';
import { toTeamsPhone } from '../call-automation/service/incoming-call.ts';
import type { IncomingCallData } from '../call-automation/service/incoming-call.ts';
import { recordingReady } from '../call-automation/service/recordings.ts';
import type { CallAutomation } from '../call-automation/service/service.ts';
import type { Reply } from './send.ts';
import type { EventGridSubscription } from './subscription.ts';

/**
 * A call from the handshake of the subscription to the hang-up. Event Grid delivers the call, the app answers it through
 * the real SDK, and Azure Communication Services sends its events to the URI that the app minted.
 */
export async function playIncomingCall(
  context: ScenarioContext,
  subscription: EventGridSubscription,
  service: CallAutomation,
): Promise<void> {
  const callbacks = showCallbacks(context, service);
  await timed(context, 'the handshake of the subscription', () => subscription.subscribe(), { status: 200 });
  const event = incomingCall(subscription, service.incomingCall());
  const isDone = await timed(context, 'IncomingCall', () => subscription.send([event]), HANDLED);
  await callbacks.toTheEnd();
  context.onNote(`your handlers asked the service for: ${callbacks.actions().join(', ') || 'nothing'}`);
  const again = isDone ? HANDLED_BEFORE : HANDLED;
  await timed(context, 'IncomingCall, delivered again', () => subscription.send([event], 1), again);
}

/**
 * A backend places a call and records it by its server call id, so that the recorder has a connection of its own. Event Grid
 * delivers the event that the recording is ready.
 */
export async function playRecordedCall(
  context: ScenarioContext,
  subscription: EventGridSubscription,
  service: CallAutomation,
): Promise<void> {
  const callbacks = showCallbacks(context, service);
  const { call, client } = await placeCall(context, service, CALLEE);
  await callbacks.untilQuiet();
  if (!isLive(service, call.callConnectionId)) {
    context.onNote('your handlers have ended the call: nothing to record');
    return callbacks.toTheEnd();
  }
  const { serverCallId = '' } = await (await call.sdk()).getCallConnectionProperties();
  const recording = (await client()).getCallRecording();
  const { recordingId = '' } = await recording.start({
    callLocator: { kind: 'serverCallLocator', id: serverCallId },
    recordingStateCallbackEndpointUrl: await call.callbackUri(),
  });
  await callbacks.untilQuiet();
  await recording.stop(recordingId);
  await callbacks.untilQuiet();
  await hangUp(service, call);
  await callbacks.toTheEnd();
  const event = subscription.event(recordingReady(recordingId));
  const what = 'RecordingFileStatusUpdated';
  const isDone = await timed(context, what, () => subscription.send([event]), HANDLED);
  const again = isDone ? HANDLED_BEFORE : HANDLED;
  await timed(context, `${what}, delivered again`, () => subscription.send([event], 1), again);
}

/** Teams Phone Extensibility: a resource account of Teams is called, and calls. */
export async function playTeamsPhoneCall(
  context: ScenarioContext,
  subscription: EventGridSubscription,
  service: CallAutomation,
): Promise<void> {
  const callbacks = showCallbacks(context, service);
  const ringing = service.incomingCall(toTeamsPhone());
  const event = incomingCall(subscription, ringing);
  await timed(context, 'IncomingCall', () => subscription.send([event]), HANDLED);
  await callbacks.untilQuiet();
  const teamsAppId = ringing.to.rawId.replace('28:orgid:', '');
  await placeCall(context, service, CALLEE, { teamsAppSource: { teamsAppId } });
  await callbacks.toTheEnd();
}

const incomingCall = (subscription: EventGridSubscription, data: IncomingCallData) =>
  subscription.event({
    type: 'Microsoft.Communication.IncomingCall',
    subject: `/caller/${data.from.rawId}/recipient/${data.to.rawId}`,
    data,
  });

async function timed(
  context: ScenarioContext,
  sent: string,
  work: () => Promise<Reply>,
  expected: Expected,
): Promise<boolean> {
  const started = performance.now();
  const { status, headers } = await work();
  const milliseconds = performance.now() - started;
  const header = (name: string) => headers.get(name) ?? undefined;
  return show(context, sent, { status, header, milliseconds }, expected);
}
