import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSender } from '../../../local/inspector/send.ts';
import { summary } from '../../../local/inspector/serialize.ts';
import type { Rehearsal } from '../../../local/rehearsal.ts';
import { testHandlers } from '../../support/project.ts';
import { rehearse } from '../../support/rehearse.ts';

// Handlers that always throw, beside the media host that runs one of them.
let app: Rehearsal;
beforeAll(async () => {
  app = await rehearse(process.env, [testHandlers.throws]);
});
afterAll(() => app.stop());

test.each([
  ['CallConnected', 500],
  ['archive', 500],
  ['incoming-call', 500],
  // The handler runs after the answer.
  ['media-socket', 101],
])('%s is verified and failed where its handler throws', async (name, status) => {
  const sent = await createSender(app.context, app.recorder)(name, app.context)?.();
  expect(sent).toMatchObject({ status, verdict: 'accepted' });
  await expect
    .poll(() => summary(app.recorder.get(sent?.id ?? 0)!))
    .toMatchObject({ verdict: 'accepted', failed: true });
});
