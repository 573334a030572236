import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SendResult } from '../../../local/inspector/contract.ts';
import type { Rehearsal } from '../../../local/rehearsal.ts';
import { listening } from '../../../local/fakes/listening.ts';
import { trustFakes } from '../../../local/fakes/trust.ts';
import { explain } from '../../../tools/explain/explain.ts';
import { expectedOf } from '../../../tools/send/catalog.ts';
import type { Sender } from '../../../tools/send/catalog.ts';
import { sendOptions } from '../../../tools/send/options.ts';
import { outcomes } from '../../../tools/send/outcomes.ts';
import { throughStart } from '../../../tools/send/through-start.ts';
import { rehearse } from '../../support/rehearse.ts';

// Against all that `npm start` is, in one process for all.
let played: Rehearsal;
let sender: Sender;

beforeAll(async () => {
  played = await rehearse();
  sender = await throughStart(played.page);
});
afterAll(() => played.stop());

async function send(...args: readonly string[]) {
  const options = sendOptions(args);
  const came = outcomes(expectedOf(sender.catalog, options));
  const results: SendResult[] = [];
  await sender.send(options, (result) => {
    results.push(result);
    came.add(result);
  });
  return { results, sent: came.sent(), unexpected: came.unexpected() };
}

test('every kind of event that can be sent by itself is accepted, and handled', async () => {
  // A whole call is many deliveries.
  const groups = sender.catalog.genuine.filter(({ group }) => group !== 'Whole calls');
  const names = groups.flatMap((one) => one.names);
  expect(names.length).toBeGreaterThan(40);
  for (const name of names) {
    const { results, unexpected } = await send(name);
    expect([name, unexpected, results]).toEqual([
      name,
      0,
      [expect.objectContaining({ verdict: 'accepted' })],
    ]);
  }
});

test('a forgery of each family is refused as expected, and its reason is told', async () => {
  for (const { members } of sender.catalog.forgeries) {
    const [{ name, status, reason } = { name: '', status: 0, reason: '' }] = members;
    const { results, unexpected } = await send('--forge', name);
    expect([unexpected, results]).toEqual([0, [expect.objectContaining({ sent: name, status, reason })]]);
  }
});

test('many are told of one by one', async () => {
  const { sent, unexpected } = await send('ParticipantsUpdated', '--count', '40', '--rate', '2000');
  expect([sent, unexpected]).toEqual([40, 0]);
});

test('what it sends elsewhere can be captured there, and explained as what it is', async () => {
  await trustFakes(played.cloud.azure.environment);
  const captured: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const lines = request.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
    );
    const head = [`${request.method} ${request.url} HTTP/1.1`, ...lines, '', ''].join('\r\n');
    captured.push(Buffer.concat([Buffer.from(head, 'latin1'), ...(await request.toArray())]));
    response.end();
  });
  const { port, down } = await listening(server);
  const to = `http://127.0.0.1:${port}`;
  const names = [
    'CallConnected',
    'token-dated-back',
    'token-with-iat-in-digits',
    'token-with-nulls',
    'token-behind-two-spaces',
    'IncomingCall',
    'archive',
    'SubscriptionValidation',
    'OPTIONS-handshake',
    'OPTIONS-handshake-us',
    'OPTIONS-handshake-china',
  ];
  for (const name of names) await send(name, '--to', to);
  const forged = await send('--forge', 'vonage-body-altered', '--to', to);
  await down();
  expect(forged.unexpected).toBe(1);
  const explained = [];
  for (const given of captured) {
    explained.push(
      await explain(given, { environment: played.environment, at: undefined, route: undefined }),
    );
  }
  expect(explained.map(({ code }) => code)).toEqual([...names.map(() => 0), 1]);
  expect(explained.map(({ text }) => text).join()).not.toContain('which is no time');
  expect(explained.at(-1)?.text).toContain('refused: payload-hash-wrong');
});
