import { callsThrough } from '../../../shared/calls/calls.ts';
import { connectionStringClient } from '../../../shared/calls/client.ts';
import { systemClock } from '../../../shared/clock.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import { askToUpgrade } from '../../http/upgrade.ts';
import { followDeliveries, trustFakesOf } from './scenarios.ts';
import { upgrade } from '../../requests.ts';
import { showUpgrade } from '../../scenarios/context.ts';
import type { Expected, ScenarioContext } from '../../scenarios/context.ts';

const OPENED: Expected = { status: 101 };

/**
 * A call that a backend places with live audio and text: the service opens a WebSocket for each, to the address and under
 * the ticket that were minted for the call, and streams a second of audio and a transcription.
 */
export async function playStreamedCall(stage: ScenarioContext): Promise<void> {
  const { callAutomation, callbackUris, mediaUris } = stage.cloud;
  const follow = followDeliveries(stage);
  await trustFakesOf(stage);
  const { placeCall } = callsThrough({
    client: connectionStringClient(settingsSecret(callAutomation.connectionString)),
    callbackUri: callbackUris(stage.baseUrl),
    mediaUri: mediaUris(stage.mediaUrl),
    bind: async () => {},
    clock: systemClock,
  });
  const { call } = await placeCall(
    { targetParticipant: { communicationUserId: '8:acs:example' } },
    {
      mediaStreaming: { audioChannelType: 'mixed', contentType: 'audio', startMediaStreaming: true },
      transcription: { locale: 'en-us', startTranscription: true },
    },
  );
  await callAutomation.idle();
  const streams = callAutomation
    .streams()
    .filter(({ callConnectionId }) => callConnectionId === call.callConnectionId);
  for (const { kind, sent, received, ...answered } of streams) {
    const came = `${sent} frames, ${received} came back`;
    await showUpgrade(stage, `  WebSocket: ${kind}`, answered, OPENED, came);
  }
  await call.hangUp();
  await follow.toTheEnd();
}

/** A WebSocket that is held open, and a second one under its ticket. */
export async function playSecondSocket(stage: ScenarioContext): Promise<void> {
  const request = await upgrade(stage.cloud, stage.mediaUrl);
  const held = await askToUpgrade(request, { hold: true });
  await showUpgrade(stage, 'a WebSocket', held, OPENED);
  const again = { ...request, headers: (await upgrade(stage.cloud, stage.mediaUrl)).headers };
  await showUpgrade(stage, 'a second one under its ticket', await askToUpgrade(again), {
    status: 503,
    reason: 'ticket-in-use',
  });
  held.hangUp();
}
