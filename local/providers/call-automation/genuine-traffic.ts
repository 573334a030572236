import { newCall } from './call.ts';
import { callback } from '../../requests.ts';
import { HANDLED, HANDLED_BEFORE, send } from '../../scenarios/context.ts';
import type { ScenarioContext } from '../../scenarios/context.ts';

/** What else genuine traffic looks like: a redelivery, several events in one request, and two under one token. */
export async function playGenuineTraffic(stage: ScenarioContext): Promise<void> {
  const { acs, callbackUris } = stage.cloud;
  const call = newCall();
  const uri = await callbackUris(stage.baseUrl)();

  const events = [call.event('CallTransferFailed'), call.event('ParticipantsUpdated')];
  await send(stage, 'two events in one request', callback(acs, uri, events), HANDLED);
  await send(stage, 'the same, delivered again', callback(acs, uri, events), HANDLED_BEFORE);
  // Without a jti, two tokens of one second are equal.
  const token = acs.token({ jti: false });
  for (const name of ['PlayStarted', 'ParticipantsUpdated'] as const) {
    await send(
      stage,
      `${name}, one token for two events`,
      callback(acs, uri, [call.event(name)], token),
      HANDLED,
    );
  }
}
