import { setTimeout as wait } from 'node:timers/promises';
import { createCalls } from '../../../shared/calls/calls.ts';
import { connectionStringClient } from '../../../shared/calls/client.ts';
import type { CallClient } from '../../../shared/calls/client.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Call, PlaceCall, PlacedCall } from '../../../shared/events/actions.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import { answeredBy } from '../../http/request.ts';
import { askToUpgrade } from '../../http/sockets.ts';
import { answerTo, HANDLED, HANDLED_BEFORE, send, show, trustTheFakes } from '../../scenarios/context.ts';
import type { Expected, ScenarioContext } from '../../scenarios/context.ts';
import type { Acs } from './acs.ts';
import { callback, newCall, upgrade } from './requests.ts';
import type { ApiRequest } from './service/api.ts';
import type { CallAutomation } from './service/service.ts';

const OPENED: Expected = { status: 101 };
const ENDED: Expected = { status: 401, reason: 'ticket-of-ended-call' };
const IN_USE: Expected = { status: 503, reason: 'ticket-in-use' };
/** A socket that the media host has closed is seen to be closed within this time. */
const CLOSE_TIMEOUT_MS = 5000;
/** A played call is over by then. Longer than the service waits for one callback. */
const QUIET_TIMEOUT_MS = 90_000;
/** Handlers that play or listen again and again would never end a call whose other side answers at once. */
const MAX_CALLBACKS = 60;
type Services = { readonly acs: Acs; readonly service: CallAutomation };

export const CALLEE = { targetParticipant: { communicationUserId: '8:acs:example' } };

/** A backend places a call with the connection string, and ends it once it is answered. */
export async function playPlacedCall(context: ScenarioContext, service: CallAutomation): Promise<void> {
  const callbacks = showCallbacks(context, service);
  const { call } = await placeCall(context, service, CALLEE);
  await callbacks.untilQuiet();
  await hangUp(service, call);
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
  await callbacks.untilQuiet();
  const streams = service
    .streams()
    .filter(({ callConnectionId }) => callConnectionId === call.callConnectionId);
  for (const { kind, sent, received, milliseconds, ...answer } of streams) {
    const note = `${sent} frames, ${received} came back`;
    // Your handlers may end the call before the service opens its sockets.
    const isEnded = answer.status === ENDED.status && !isLive(service, call.callConnectionId);
    const expected = isEnded ? ENDED : OPENED;
    await show(context, `  WebSocket: ${kind}`, { ...answeredBy(answer), milliseconds }, expected, note);
  }
  await hangUp(service, call);
  await callbacks.toTheEnd();
}

/** Your handlers may have ended the call, or may end it at the same moment. */
export async function hangUp(service: CallAutomation, call: Call): Promise<void> {
  if (!isLive(service, call.callConnectionId)) return;
  try {
    await call.hangUp();
  } catch (fault) {
    if (isLive(service, call.callConnectionId)) throw fault;
  }
}

/** Holds one WebSocket open, and asks for a second one with its ticket. */
export async function playSecondSocket(context: ScenarioContext, acs: Acs): Promise<void> {
  const newUpgrade = () => upgrade({ acs, mediaUris: context.cloud.mediaUris }, context.mediaUrl);
  const request = await newUpgrade();
  const held = await askToUpgrade(request, { hold: true });
  await show(context, 'a WebSocket', { ...answeredBy(held), milliseconds: held.milliseconds }, OPENED);
  const second = await answerTo({ ...request, headers: (await newUpgrade()).headers });
  // A handler that has ended, or thrown, has closed its socket. Then the ticket is free again.
  const isFree = second.status === OPENED.status && (await inTime(held.closed, CLOSE_TIMEOUT_MS));
  await show(context, 'a second one under its ticket', second, isFree ? OPENED : IN_USE);
  held.hangUp();
}

/** Several events in one request, and a redelivery. */
export async function playRepeats(context: ScenarioContext, { acs, service }: Services): Promise<void> {
  const uri = await context.cloud.callbackUris(context.baseUrl)();
  const call = newCall(service.goingOn(uri));

  const events = [call.event('CallTransferFailed'), call.event('ParticipantsUpdated')];
  const areDone = await send(context, 'two events in one request', callback(acs, uri, events), HANDLED);
  const again = areDone ? HANDLED_BEFORE : HANDLED;
  await send(context, 'the same, delivered again', callback(acs, uri, events), again);
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

export const isLive = (service: CallAutomation, callConnectionId: string) =>
  service.calls().some((call) => call.callConnectionId === callConnectionId && call.state !== 'disconnected');

/** Shows each callback that the fake service sends, but for the calls that the user placed. */
export function showCallbacks(context: ScenarioContext, service: CallAutomation) {
  const before = new Set(service.calls());
  const requestsBefore = service.requests().length;
  const enough = Promise.withResolvers<void>();
  let count = 0;
  let shown = Promise.resolve();
  const stop = service.onDelivery(({ event, type, status, reply }) => {
    if (service.isUsers(event.data.callConnectionId)) return;
    const answer = answeredBy({ status, headers: reply?.headers ?? {} });
    const milliseconds = reply?.milliseconds ?? 0;
    shown = shown.then(
      async () => void (await show(context, `  ${type}`, { ...answer, milliseconds }, HANDLED)),
    );
    if (++count === MAX_CALLBACKS) enough.resolve();
  });
  const untilQuiet = () => inTime(Promise.race([service.idle(), enough.promise]), QUIET_TIMEOUT_MS);
  return {
    /** Waits until your handlers and the fake service do nothing more, or for as long as a played call may last. */
    untilQuiet,
    /** Waits for the end of the call. The other side ends a call that your handlers leave running. */
    async toTheEnd(): Promise<void> {
      await untilQuiet();
      for (const call of service.calls()) {
        if (before.has(call) || call.caller) continue;
        const { callConnectionId } = call;
        if (!isLive(service, callConnectionId)) continue;
        await shown;
        context.onNote('your handlers leave the call running: the other side hangs up');
        service.hangUp(callConnectionId);
      }
      if (!(await inTime(service.idle(), QUIET_TIMEOUT_MS)))
        context.onNote(`callbacks are still not answered after ${QUIET_TIMEOUT_MS / 1000} s: not waited for`);
      stop();
      await shown;
    },
    /** The actions that were asked of the service, such as `answer, play, terminate`. */
    actions: (): readonly string[] => service.requests().slice(requestsBefore).map(actionOf),
  };
}

/** The REST API names an action behind a colon, and what is read by a part of the path. */
export function actionOf({ method, path, status }: ApiRequest): string {
  const [, read = 'properties'] = /\/(participants|recordings|phoneNumbers|sip)\b/.exec(path) ?? [];
  const [, action = method === 'GET' ? read : 'hangUp'] = /:(\w+)$/.exec(path) ?? [];
  return status < 300 ? action : `${action} (${status})`;
}

/** Whether something is done in time. */
async function inTime(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const done = new AbortController();
  const late = wait(milliseconds, false, { signal: done.signal }).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  done.abort();
  return isDone;
}
