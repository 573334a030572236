import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { curlCommand } from '../../../local/inspector/curl.ts';
import { post, postRaw } from '../../../local/http/request.ts';
import { replay } from '../../../local/inspector/replay.ts';
import { createSender } from '../../../local/inspector/send.ts';
import { NotReplayable } from '../../../local/inspector/stored-delivery.ts';
import type { StoredDelivery } from '../../../local/inspector/stored-delivery.ts';
import { callback, newCall } from '../../../local/providers/call-automation/requests.ts';
import { callAutomation } from '../../../local/providers/call-automation/index.ts';
import type { Rehearsal } from '../../../local/rehearsal.ts';
import { rehearse } from '../../support/rehearse.ts';

// Each command is run by a shell against the app that the delivery was sent to.
let app: Rehearsal;
beforeAll(async () => {
  app = await rehearse();
});
afterAll(() => app.stop());

async function send(name: string): Promise<StoredDelivery> {
  const { id = 0 } = (await createSender(app.context, app.recorder)(name, app.context)?.()) ?? {};
  return app.recorder.get(id)!;
}

/** Runs the command of a delivery, and finds what arrived. */
async function repeated(delivery: StoredDelivery): Promise<StoredDelivery> {
  const command = curlCommand(delivery, app.url, app.recorder.get);
  // As a terminal does it: an argument of the shell could not be as long.
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  shell.stdin.end(command);
  const [, id = ''] = /^x-ringward-delivery: (\d+)/im.exec(await text(shell.stdout)) ?? [];
  await app.recorder.entryOf(Number(id));
  return app.recorder.get(Number(id))!;
}

/** All but what each connection has of its own. */
function sentIn({ method, target, headers, body }: StoredDelivery) {
  const own = /^(host|connection|content-length|transfer-encoding)$/i;
  return { method, target, body, headers: headers.filter(([name]) => !own.test(name)) };
}

test.each([
  'CallConnected',
  'IncomingCall',
  'OPTIONS-handshake',
  'vonage-voice-answer',
  'twilio-messages',
  'room_started',
  'key-missing',
  'body-too-large',
])('the command of %s sends the same bytes, and gets the same verdict', async (name) => {
  const delivery = await send(name);
  const again = await repeated(delivery);
  expect(again.id).toBeGreaterThan(delivery.id);
  expect(sentIn(again)).toEqual(sentIn(delivery));
  expect(again.status).toBe(delivery.status);
  expect(again.entry?.reason).toBe(delivery.entry?.reason);
});

test.each([
  ['quotes and what a shell expands', `it's "$HOME" \`id\` $(id) \\ !! * ~ %s %41 \\'\\n`],
  ['a line feed, a tab and an escape', 'one\r\n\ttwo \u001b[31m'],
  ['the name of a file', '@/etc/hostname'],
  ['letters of every script', 'Ça va? 你好 🙂'],
  ['bytes that are no text', Buffer.from([0, 0xff, 0x27, 0x0a])],
  ['more than fits an argument', 'x'.repeat(200_000)],
])('a body with %s arrives as it was', async (_, body) => {
  const { acs } = app.cloud.of(callAutomation);
  const uri = await app.cloud.callbackUris(app.url)();
  const genuine = callback(acs, uri, [newCall().event('CallConnected')]);
  const { headers } = await post({ ...genuine, body });
  const delivery = app.recorder.get(Number(headers['x-ringward-delivery']))!;
  await app.recorder.entryOf(delivery.id);
  const { body: arrived } = await repeated(delivery);
  expect(arrived?.equals(Buffer.from(body))).toBe(true);
});

test('headers arrive in their order, repeated and empty ones too, and curl adds none', async () => {
  const { acs } = app.cloud.of(callAutomation);
  const uri = new URL(await app.cloud.callbackUris(app.url)());
  const headers = [
    ['host', uri.host],
    ['X-Note', `it's "$HOME"`],
    ['x-note', 'again; @file'],
    ['X-Empty', ''],
    ['authorization', `Bearer ${acs.token()}`],
    ['content-length', '2'],
  ] as const;
  const target = `${uri.pathname}${uri.search}&x=[1-3]{a,b}'../`;
  const reply = await postRaw({
    origin: app.url,
    method: 'POST',
    path: target,
    headers,
    body: Buffer.from('[]'),
  });
  const delivery = app.recorder.get(Number(reply.headers['x-ringward-delivery']))!;
  await app.recorder.entryOf(delivery.id);
  expect(sentIn(await repeated(delivery))).toEqual(sentIn(delivery));
});

test('there is no command of what a stranger sent, nor of its replay, nor of a socket', async () => {
  const { headers } = await post({
    url: `${app.url}/api/events/incoming-call`,
    headers: [
      ['x-ringward-key', 'a real key'],
      ['cookie', 'a real cookie'],
    ],
    body: '[]',
  });
  const id = Number(headers['x-ringward-delivery']);
  await app.recorder.entryOf(id);
  const asItWas = await replay({ id, how: 'as-it-was' }, app.context, app.recorder);
  const anew = await replay({ id, how: 'signed-anew' }, app.context, app.recorder);
  const again = await replay({ id: anew.id ?? 0, how: 'as-it-was' }, app.context, app.recorder);
  const socket = await send('media-socket');
  for (const one of [id, asItWas.id, anew.id, again.id, socket.id]) {
    const delivery = app.recorder.get(one ?? 0)!;
    expect(() => curlCommand(delivery, app.url, app.recorder.get)).toThrow(NotReplayable);
  }
});

test('there is no command of a header with a control character, which a terminal could obey', async () => {
  const { acs } = app.cloud.of(callAutomation);
  const uri = await app.cloud.callbackUris(app.url)();
  const genuine = callback(acs, uri, [newCall().event('CallConnected')]);
  // The UTF-8 of U+009B, as Node writes and reads a header. It begins a command of a terminal.
  const reply = await post({ ...genuine, headers: [...genuine.headers, ['x-note', '\u00c2\u009b201~']] });
  const delivery = app.recorder.get(Number(reply.headers['x-ringward-delivery']))!;
  await app.recorder.entryOf(delivery.id);
  expect(delivery.entry?.verdict).toBe('accepted');
  expect(() => curlCommand(delivery, app.url, app.recorder.get)).toThrow(NotReplayable);
});
