import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { callsThrough } from '../../shared/calls/calls.ts';
import { connectionStringClient } from '../../shared/calls/client.ts';
import { systemClock } from '../../shared/clock.ts';
import { developmentRing } from '../../shared/secrets/key-ring.ts';
import { HANDLED, show } from './stage.ts';
import type { Stage } from './stage.ts';

/**
 * A call from the handshake of the subscription to the hang-up: Event Grid rings, the app answers through the real SDK,
 * and Azure Communication Services tells it how the call goes, under the URI that the app minted.
 */
export async function playIncomingCall(stage: Stage): Promise<void> {
  const { callAutomation } = stage.clouds;
  const subscription = stage.clouds.subscriptionTo(stage.baseUrl);
  const follow = followDeliveries(stage);

  await timed(stage, 'the handshake of the subscription', () => subscription.subscribe(), { status: 200 });
  const ringing = subscription.event({
    type: 'Microsoft.Communication.IncomingCall',
    subject: '/caller/4:+12065550100/recipient/8:acs:example',
    data: callAutomation.incomingCall(),
  });
  await timed(stage, 'IncomingCall', () => subscription.send([ringing]), HANDLED);
  await follow.until('CallDisconnected');
  await timed(stage, 'IncomingCall, delivered again', () => subscription.send([ringing], 1), {
    status: 200,
    outcome: 'handled-before',
  });
}

/** A call that a backend places with the connection string, and ends when somebody has answered. */
export async function playPlacedCall(stage: Stage): Promise<void> {
  const { azure, callAutomation, callbackUris } = stage.clouds;
  const follow = followDeliveries(stage);
  const { NODE_EXTRA_CA_CERTS: trusted, HTTPS_PROXY, NO_PROXY } = azure.environment;
  // This process is the backend: it has to find and trust the stand-ins as the app does.
  Object.assign(process.env, { HTTPS_PROXY, NO_PROXY });
  setDefaultCACertificates([...getCACertificates('default'), await readFile(trusted, 'utf8')]);
  const { placeCall } = callsThrough({
    client: connectionStringClient(developmentRing(callAutomation.connectionString)),
    callbackUri: callbackUris(stage.baseUrl),
    mediaUri: () => Promise.reject(new Error('no media here')),
    bind: async () => {},
    clock: systemClock,
  });
  const { call } = await placeCall({ targetParticipant: { communicationUserId: '8:acs:example' } });
  await follow.until('CallConnected');
  await call.hangUp();
  await follow.until('CallDisconnected');
}

/** Shows each callback that the stand-in sends, until the one that is waited for. */
function followDeliveries(stage: Stage) {
  const { callAutomation } = stage.clouds;
  const seen = new Set<string>();
  let shown = Promise.resolve();
  let wake = () => {};
  const stop = callAutomation.onDelivery(({ type, status, reply }) => {
    const name = type.replace('Microsoft.Communication.', '');
    const invocation = String(reply?.headers['x-ms-invocation-id']);
    const answered = { status, milliseconds: reply?.milliseconds ?? 0, invocation };
    shown = shown.then(() => show(stage, `  ${name}`, answered, HANDLED));
    seen.add(name);
    wake();
  });
  return {
    async until(name: string): Promise<void> {
      while (!seen.has(name)) await new Promise<void>((resolve) => (wake = resolve));
      await callAutomation.idle();
      await shown;
      if (name === 'CallDisconnected') stop();
    },
  };
}

async function timed(
  stage: Stage,
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
