import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { streamSockets } from '../../../../local/providers/call-automation/service/sockets.ts';
import { liveCall } from '../../../../local/providers/call-automation/service/live-call.ts';
import { outbox } from '../../../../local/providers/call-automation/service/outbox.ts';
import { systemClock } from '../../../../shared/clock.ts';

test('opens a socket with a token and the ids of the call, and streams a second of audio and a tone', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const frames: string[] = [];
  const upgraded = new Promise<Record<string, unknown>>((resolve) => {
    server.on('connection', (ws, { headers }) => {
      ws.on('message', (data) => frames.push(String(data)));
      resolve(headers);
    });
  });
  const address = server.address() as { port: number };
  const events = outbox({
    token: () => '',
    persistence: { attempts: 1, pauseMilliseconds: 0 },
    clock: systemClock,
  });
  const sockets = streamSockets({ token: () => 'the-token', begin: events.begin, clock: systemClock });
  const call = liveCall(
    {
      callbackUri: '',
      targets: [],
      mediaStreaming: { transportUrl: `ws://127.0.0.1:${address.port}/media?a=1` },
    },
    events,
    sockets,
  );
  call.stream('media', call.mediaStreaming!);
  expect(await upgraded).toMatchObject({
    authorization: 'Bearer the-token',
    'x-ms-call-connection-id': call.callConnectionId,
    'x-ms-call-correlation-id': call.correlationId,
  });
  await events.idle();
  const kinds = frames.map((frame) => JSON.parse(frame).kind);
  expect(kinds).toEqual(['AudioMetadata', ...Array<string>(50).fill('AudioData'), 'DtmfData']);
  expect(sockets.over()).toMatchObject([{ kind: 'media', status: 101, sent: 52, received: 0, code: 1000 }]);
});

test('opens none to another machine', async () => {
  const begun: string[] = [];
  const sockets = streamSockets({
    token: () => '',
    begin: () => {
      begun.push('begun');
      return () => {};
    },
    clock: systemClock,
  });
  for (const transportUrl of ['wss://media.example/media', 'not a url', '']) {
    sockets.open('media', {} as never, { id: '', options: { transportUrl }, active: true });
  }
  expect(begun).toEqual([]);
});
