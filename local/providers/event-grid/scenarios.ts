import type { Expected, ScenarioContext } from '../../scenarios/context.ts';
import { HANDLED, HANDLED_BEFORE, show } from '../../scenarios/context.ts';
import { showCallbacks } from '../call-automation/scenarios.ts';
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
  const event = subscription.event({
    type: 'Microsoft.Communication.IncomingCall',
    subject: '/caller/4:+12065550100/recipient/8:acs:example',
    data: service.incomingCall(),
  });
  const isDone = await timed(context, 'IncomingCall', () => subscription.send([event]), HANDLED);
  await callbacks.toTheEnd();
  const again = isDone ? HANDLED_BEFORE : HANDLED;
  await timed(context, 'IncomingCall, delivered again', () => subscription.send([event], 1), again);
}

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
