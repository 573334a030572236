import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedRoutes, startApp } from '../../local/app-process.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { listening } from '../../local/fakes/listening.ts';
import { freePort } from '../../local/http/loopback.ts';
import { post } from '../../local/http/request.ts';
import type { Reply } from '../../local/http/request.ts';
import { newVoiceCall, vonageVoice } from '../../local/providers/vonage-voice.ts';
import { startFakes } from '../support/fakes.ts';
import type { Fakes } from '../support/fakes.ts';
import { healthy } from '../support/healthy.ts';
import { startTable } from '../support/table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { stageWithTestHandlers } from './staged.ts';

// Two processes of the staged app and one table. The handler of a call asks a server of this test before it answers.
const HANDLERS = `
  export const vonageVoice = {
    answer: async ({ uuid }) => {
      await fetch(process.env.ASKED_BY_HANDLER);
      return [{ action: 'talk', text: process.env.INSTANCE + ' ' + uuid }];
    },
  };
`;

let cloud: Fakes;
let table: Awaited<ReturnType<typeof startTable>>;
let staged: string;
/** What happens when a handler asks, before it gets its answer. */
let onAsked: () => Promise<void> | void = () => {};
let asked = 0;
const server = createServer(async (_request, response) => {
  asked++;
  await onAsked();
  response.end();
});
let handlerUrl: string;
let down: () => Promise<void>;

beforeAll(async () => {
  [cloud, table] = await Promise.all([startFakes(), startTable()]);
  const { port, down: close } = await listening(server);
  [handlerUrl, down] = [`http://127.0.0.1:${port}`, close];
  const handlers = await temporaryFolder();
  await writeFile(path.join(handlers, 'vonage-voice.ts'), HANDLERS);
  staged = await stageWithTestHandlers(handlers);
});
afterAll(async () => {
  await Promise.all([cloud.close(), table.close(), down()]);
});

async function start(name: string, tableUrl: string) {
  const port = await freePort();
  const environment = {
    ...rehearsalEnvironment(process.env, cloud, `http://127.0.0.1:${port}`),
    LEDGER: 'table',
    LEDGER_TABLE_URL: tableUrl,
    INSTANCE: name,
    ASKED_BY_HANDLER: handlerUrl,
  };
  const app = await startApp({
    app: staged,
    port,
    environment,
    expectedRoutes: expectedRoutes(environment),
    onLog: () => {},
  });
  await healthy(app.url);
  return app;
}

/** A call, whose tries have a token of their own each. A busy machine can be too slow for one: then Vonage asks again. */
function newCalling() {
  const { answer } = newVoiceCall();
  const once = (url: string) => post(cloud.of(vonageVoice).get(url, 'vonage-voice/answer', answer));
  async function ask(url: string): Promise<Reply> {
    const reply = await once(url);
    return reply.status === 503 ? ask(url) : reply;
  }
  const replyOf = (name: string) => ({
    status: 200,
    body: JSON.stringify([{ action: 'talk', text: `${name} ${answer.uuid}` }]),
    headers: { 'content-type': 'application/json' },
  });
  return { once, ask, replyOf, uuid: answer.uuid };
}

async function isStored(uuid: string): Promise<boolean> {
  const client = await table.client();
  for await (const entity of client.listEntities()) if (JSON.stringify(entity).includes(uuid)) return true;
  return false;
}

/** A call whose completion reached the table, while the instance waits to hear of it. */
async function callWithoutAnswer(url: string) {
  for (;;) {
    let letGo = () => {};
    onAsked = () => void (letGo = table.proxy.hold());
    const calling = newCalling();
    let isAnswered = false;
    const answer = calling.once(url).then(
      () => void (isAnswered = true),
      () => 'no answer',
    );
    while (!isAnswered) if (await isStored(calling.uuid)) return { ...calling, answer, letGo };
    letGo();
  }
}

test('a call gets one reply from two instances, also while the first runs and after it was killed before it answered', async () => {
  const [first, second] = await Promise.all([
    start('the first', table.proxy.url),
    start('the second', table.azurite.url),
  ]);
  try {
    const { ask, replyOf } = newCalling();
    const repeat = Promise.withResolvers<Reply>();
    onAsked = () => void ask(second.url).then(repeat.resolve, repeat.reject);
    const replies = [await ask(first.url), await repeat.promise, await ask(second.url)];
    expect(replies).toMatchObject(Array(3).fill(replyOf('the first')));
    expect(asked).toBe(1);

    const killed = await callWithoutAnswer(first.url);
    const before = asked;
    await first.kill();
    expect(await killed.answer).toBe('no answer');
    killed.letGo();
    expect(await killed.ask(second.url)).toMatchObject(killed.replyOf('the first'));
    expect(asked).toBe(before);
  } finally {
    await Promise.all([first.kill(), second.stop()]);
  }
});
