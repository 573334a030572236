import { callsThrough } from '../../../shared/calls/calls.ts';
import { connectionStringClient } from '../../../shared/calls/client.ts';
import { systemClock } from '../../../shared/clock.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import { trustFakes } from '../../fakes/trust.ts';
import { HANDLED, HANDLED_BEFORE, show } from '../../scenarios/context.ts';
import type { ScenarioContext } from '../../scenarios/context.ts';

/**
 * A call from the handshake of the subscription to the hang-up: Event Grid rings, the app answers through the real SDK,
 * and Azure Communication Services tells it how the call goes, under the URI that the app minted.
 */
export async function playIncomingCall(stage: ScenarioContext): Promise<void> {
  const { callAutomation } = stage.cloud;
  const subscription = stage.cloud.subscriptionTo(stage.baseUrl);
  const follow = followDeliveries(stage);

  await timed(stage, 'the handshake of the subscription', () => subscription.subscribe(), { status: 200 });
  const ringing = subscription.event({
    type: 'Microsoft.Communication.IncomingCall',
    subject: '/caller/4:+12065550100/recipient/8:acs:example',
    data: callAutomation.incomingCall(),
  });
  await timed(stage, 'IncomingCall', () => subscription.send([ringing]), HANDLED);
  await follow.toTheEnd();
  await timed(stage, 'IncomingCall, delivered again', () => subscription.send([ringing], 1), HANDLED_BEFORE);
}

/** A call that a backend places with the connection string, and ends when somebody has answered. */
export async function playPlacedCall(stage: ScenarioContext): Promise<void> {
  const { callAutomation, callbackUris } = stage.cloud;
  const follow = followDeliveries(stage);
  await trustFakesOf(stage);
  const { placeCall } = callsThrough({
    client: connectionStringClient(settingsSecret(callAutomation.connectionString)),
    callbackUri: callbackUris(stage.baseUrl),
    mediaUri: () => Promise.reject(new Error('no media here')),
    bind: async () => {},
    clock: systemClock,
  });
  const { call } = await placeCall({ targetParticipant: { communicationUserId: '8:acs:example' } });
  await callAutomation.idle();
  // Your handlers may have ended it already.
  if (isLive(stage, call.callConnectionId)) await call.hangUp();
  await follow.toTheEnd();
}

/** This process is the backend: it has to find and trust the fakes as the app does. */
export function trustFakesOf({ cloud }: ScenarioContext): Promise<void> {
  const { NODE_EXTRA_CA_CERTS, HTTPS_PROXY, NO_PROXY } = cloud.azure.environment;
  return trustFakes({ NODE_EXTRA_CA_CERTS, HTTPS_PROXY, NO_PROXY });
}

const isLive = ({ cloud }: ScenarioContext, callConnectionId: string) =>
  cloud.callAutomation
    .calls()
    .some((call) => call.callConnectionId === callConnectionId && call.state !== 'disconnected');

/** Shows each callback that the fake sends. */
export function followDeliveries(stage: ScenarioContext) {
  const { callAutomation } = stage.cloud;
  const before = new Set(callAutomation.calls());
  let shown = Promise.resolve();
  const stop = callAutomation.onDelivery(({ type, status, reply }) => {
    const invocation = String(reply?.headers['x-ms-invocation-id']);
    const answered = { status, milliseconds: reply?.milliseconds ?? 0, invocation };
    shown = shown.then(() => show(stage, `  ${type}`, answered, HANDLED));
  });
  return {
    /** Until nothing more happens; a call that your handlers leave running is ended by the other side. */
    async toTheEnd(): Promise<void> {
      await callAutomation.idle();
      for (const { callConnectionId } of callAutomation.calls().filter((call) => !before.has(call))) {
        if (!isLive(stage, callConnectionId)) continue;
        await shown;
        console.log('      (your handlers leave the call running: the other side hangs up)');
        callAutomation.hangUp(callConnectionId);
      }
      await callAutomation.idle();
      await shown;
      stop();
    },
  };
}

async function timed(
  stage: ScenarioContext,
  sent: string,
  work: () => Promise<{ readonly status: number; readonly headers: Headers }>,
  expected: Parameters<typeof show>[3],
): Promise<void> {
  const started = performance.now();
  const { status, headers } = await work();
  const milliseconds = performance.now() - started;
  await show(
    stage,
    sent,
    { status, milliseconds, invocation: String(headers.get('x-ms-invocation-id')) },
    expected,
  );
}
