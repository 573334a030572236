import { createCalls } from '../../../shared/calls/calls.ts';
import { connectionStringClient } from '../../../shared/calls/client.ts';
import type { CallClient } from '../../../shared/calls/client.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { PlaceCall, PlacedCall } from '../../../shared/events/actions.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import { answeredBy } from '../../http/request.ts';
import { askToUpgrade } from '../../http/sockets.ts';
import { HANDLED, HANDLED_BEFORE, send, show, trustTheFakes } from '../../scenarios/context.ts';
import type { Expected, ScenarioContext } from '../../scenarios/context.ts';
import type { Acs } from './acs.ts';
import { callback, newCall, upgrade } from './requests.ts';
import type { CallAutomation } from './service/service.ts';

const OPENED: Expected = { status: 101 };
export const CALLEE = { targetParticipant: { communicationUserId: '8:acs:example' } };

/** A backend places a call with the connection string, and ends it once it is answered. */
export async function playPlacedCall(context: ScenarioContext, service: CallAutomation): Promise<void> {
  const callbacks = showCallbacks(context, service);
  const { call } = await placeCall(context, service, CALLEE);
  await service.idle();
  // Your handlers may have ended it already.
  if (isLive(service, call.callConnectionId)) await call.hangUp();
  await callbacks.toTheEnd();
}

/**
 * A backend places a call with live audio and text. The service opens a WebSocket for each, with the ticket that was
 * minted for the call, and streams a second of audio and a transcription.
 */
export async function playStreamedCall(context: ScenarioContext, service: CallAutomation): Promise<void> {
  const callbacks = showCallbacks(context, service);
  const { call } = await placeCall(context, service, CALLEE, {
    mediaStreaming: { audioChannelType: 'mixed', contentType: 'audio', startMediaStreaming: true },
    transcription: { locale: 'en-us', startTranscription: true },
  });
  await service.idle();
  const streams = service
    .streams()
    .filter(({ callConnectionId }) => callConnectionId === call.callConnectionId);
  for (const { kind, sent, received, milliseconds, ...answer } of streams) {
    const note = `${sent} frames, ${received} came back`;
    await show(context, `  WebSocket: ${kind}`, { ...answeredBy(answer), milliseconds }, OPENED, note);
  }
  await call.hangUp();
  await callbacks.toTheEnd();
}

/** Holds one WebSocket open, and asks for a second one with its ticket. */
export async function playSecondSocket(context: ScenarioContext, acs: Acs): Promise<void> {
  const newUpgrade = () => upgrade({ acs, mediaUris: context.cloud.mediaUris }, context.mediaUrl);
  const request = await newUpgrade();
  const held = await askToUpgrade(request, { hold: true });
  await show(context, 'a WebSocket', { ...answeredBy(held), milliseconds: held.milliseconds }, OPENED);
  const again = { ...request, headers: (await newUpgrade()).headers };
  await send(context, 'a second one under its ticket', again, { status: 503, reason: 'ticket-in-use' });
  held.hangUp();
}

/** Several events in one request, and a redelivery. */
export async function playRepeats(context: ScenarioContext, acs: Acs): Promise<void> {
  const call = newCall();
  const uri = await context.cloud.callbackUris(context.baseUrl)();

  const events = [call.event('CallTransferFailed'), call.event('ParticipantsUpdated')];
  await send(context, 'two events in one request', callback(acs, uri, events), HANDLED);
  await send(context, 'the same, delivered again', callback(acs, uri, events), HANDLED_BEFORE);
}

/** Places a call as a backend does that has the connection string. */
export async function placeCall(
  context: ScenarioContext,
  service: CallAutomation,
  ...call: Parameters<PlaceCall>
): Promise<PlacedCall & { readonly client: CallClient }> {
  await trustTheFakes(context);
  const client = connectionStringClient(settingsSecret(service.connectionString));
  const calls = createCalls({
    client,
    callbackUri: context.cloud.callbackUris(context.baseUrl),
    mediaUri: context.cloud.mediaUris(context.mediaUrl),
    remember: async () => {},
    clock: systemClock,
  });
  return { ...(await calls.placeCall(...call)), client };
}

const isLive = (service: CallAutomation, callConnectionId: string) =>
  service.calls().some((call) => call.callConnectionId === callConnectionId && call.state !== 'disconnected');

/** Shows each callback that the fake service sends. */
export function showCallbacks(context: ScenarioContext, service: CallAutomation) {
  const before = new Set(service.calls());
  let shown = Promise.resolve();
  const stop = service.onDelivery(({ type, status, reply }) => {
    const answer = answeredBy({ status, headers: reply?.headers ?? {} });
    const milliseconds = reply?.milliseconds ?? 0;
    shown = shown.then(() => show(context, `  ${type}`, { ...answer, milliseconds }, HANDLED));
  });
  return {
    /** Waits until nothing more happens. The other side ends a call that your handlers leave running. */
    async toTheEnd(): Promise<void> {
      await service.idle();
      for (const { callConnectionId } of service.calls().filter((call) => !before.has(call))) {
        if (!isLive(service, callConnectionId)) continue;
        await shown;
        console.log('      (your handlers leave the call running: the other side hangs up)');
        service.hangUp(callConnectionId);
      }
      await service.idle();
      await shown;
      stop();
    },
  };
}
