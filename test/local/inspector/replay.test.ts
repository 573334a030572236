import { afterAll, beforeAll, expect, test } from 'vitest';
import { replay } from '../../../local/inspector/replay.ts';
import { createSender, sendable } from '../../../local/inspector/send.ts';
import { providers } from '../../../local/providers/index.ts';
import type { Rehearsal } from '../../../local/rehearsal.ts';
import { testHandlers } from '../../support/project.ts';
import { rehearse } from '../../support/rehearse.ts';

// Each delivery is handled here, so that only the ledger can keep its handler from running again.
let app: Rehearsal;
beforeAll(async () => {
  app = await rehearse(process.env, [testHandlers.greeting, testHandlers.everySender]);
});
afterAll(() => app.stop());

async function send(name: string): Promise<number> {
  const { id = 0 } = (await createSender(app.context, app.recorder)(name, app.context)?.()) ?? {};
  return id;
}

/** What the app did with a replay. */
async function outcomesOf(order: Parameters<typeof replay>[0]) {
  const { id = 0, status } = await replay(order, app.context, app.recorder);
  return { status, outcomes: Object.keys(app.recorder.get(id)?.entry?.outcomes ?? {}) };
}

const samples = providers.flatMap((provider) => provider.samples.map(({ name }) => name));
/** Handshakes and sockets bring no event. */
const events = samples.filter((name) => !/handshake|^Subscription|socket/.test(name));

/** Their bodies have neither id nor time, so that a new token makes a new event of them. */
const knownByToken = ['archive', 'experience-composer', 'broadcast', 'captions'];

test.each(events)(
  'the handler of %s runs again for a new event, and not for a new signature',
  async (name) => {
    const id = await send(name);
    const outcome = knownByToken.includes(name.replace(/:.*/, '')) ? 'handled' : 'handled-before';
    expect(await outcomesOf({ id, how: 'signed-anew' })).toEqual({ status: 200, outcomes: [outcome] });
    expect(await outcomesOf({ id, how: 'as-a-new-event' })).toEqual({ status: 200, outcomes: ['handled'] });
    expect(await outcomesOf({ id, how: 'as-a-new-event' })).toEqual({ status: 200, outcomes: ['handled'] });
  },
);

test('an event of a call that is over is sent again as one of a call that goes on', async () => {
  const [whole] = sendable.genuine[0]?.names ?? [];
  expect(whole).toBe('incoming-call');
  await send('incoming-call');
  const connected = app.recorder
    .after(0)
    .filter(({ types }) => types.some((type) => type.endsWith('.CallConnected')));
  const { id = 0 } = connected.at(-1) ?? {};
  expect(await outcomesOf({ id, how: 'signed-anew' })).toEqual({ status: 200, outcomes: ['handled-before'] });
  expect(await outcomesOf({ id, how: 'as-a-new-event' })).toEqual({ status: 200, outcomes: ['handled'] });
});
