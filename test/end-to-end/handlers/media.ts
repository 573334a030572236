import type { MediaHandler } from '../../../shared/events/handlers.ts';

/* What a tone asks for, so that a test can see how each ending of a handler is answered. */
export const media = (async (session, { log, reference }) => {
  log(`opened ${session.purpose} ${reference}`);
  for await (const frame of session) {
    if (frame.kind === 'AudioData') await session.send(frame.pcm);
    if (frame.kind !== 'DtmfData') continue;
    if (frame.tone === 'throw') throw new Error('this handler throws');
    if (frame.tone === 'throw in a timer') setTimeout(() => fail('this handler throws in a timer'), 1);
    if (frame.tone === 'reject unheard') void reject();
    if (frame.tone === 'hang') await new Promise(() => {});
    log(`tone ${frame.tone}`);
  }
  log(`closed ${session.purpose} ${reference}`);
}) satisfies MediaHandler;

function fail(message: string): never {
  throw new Error(message);
}

async function reject(): Promise<never> {
  await undefined;
  return fail('this handler has a promise that nobody waits for');
}
