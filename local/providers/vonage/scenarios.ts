import { vonageKinds } from '../../../shared/events/vonage.ts';
import { sampleBody } from './project.ts';
import { HANDLED, HANDLED_BEFORE, send } from '../../scenarios/context.ts';
import type { ScenarioContext } from '../../scenarios/context.ts';

/** One callback of each kind that Vonage sends, one that comes again, and one that came without a token. */
export async function playVonage(stage: ScenarioContext): Promise<void> {
  const { cloud, baseUrl } = stage;
  const { vonage } = cloud;
  for (const kind of vonageKinds) {
    await send(stage, kind, vonage.callback(baseUrl, kind, sampleBody(kind)), HANDLED);
  }
  const body = sampleBody('sip');
  await send(stage, 'sip', vonage.callback(baseUrl, 'sip', body), HANDLED);
  await send(stage, 'the same under a new token', vonage.callback(baseUrl, 'sip', body), HANDLED_BEFORE);
  await send(
    stage,
    'sip, unsigned by an error of Vonage',
    vonage.unsigned(baseUrl, 'sip', sampleBody('sip')),
    {
      status: 503,
      reason: 'callback-unsigned',
    },
  );
}
