import { vonageKinds } from '../../../shared/events/vonage.ts';
import type { VonageKind } from '../../../shared/events/vonage.ts';
import { HANDLED, HANDLED_BEFORE, send } from '../../scenarios/context.ts';
import type { ScenarioContext } from '../../scenarios/context.ts';
import { disruptedStates, disruptionReasons, sampleBody } from './project.ts';
import type { VonageSender } from './project.ts';

/** One callback of each kind, the service disruptions of both environments, one that is delivered again, and one without a token. */
export async function playCallbacks(context: ScenarioContext, vonage: VonageSender): Promise<void> {
  const { baseUrl } = context;
  for (const kind of vonageKinds) {
    await send(context, kind, vonage.callback(baseUrl, kind, sampleBody(kind)), HANDLED);
  }
  const body = sampleBody('sip');
  const isDone = await send(context, 'sip', vonage.callback(baseUrl, 'sip', body), HANDLED);
  const again = isDone ? HANDLED_BEFORE : HANDLED;
  await send(context, 'the same under a new token', vonage.callback(baseUrl, 'sip', body), again);
  for (const [environment, reason] of Object.entries(disruptionReasons)) {
    for (const [kind, state] of Object.entries(disruptedStates) as [VonageKind, object][]) {
      const disrupted = vonage.callback(baseUrl, kind, sampleBody(kind, { ...state, reason }));
      await send(context, `${kind} disrupted (${environment})`, disrupted, HANDLED);
    }
  }
  const unsigned = vonage.unsigned(baseUrl, 'sip', sampleBody('sip'));
  await send(context, 'sip, unsigned by an error of Vonage', unsigned, {
    status: 503,
    reason: 'callback-unsigned',
  });
}
