import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { DELIVERY_HEADER } from '../http/request.ts';
import { clientHeader, inTime } from './forward.ts';
import type { Upstream } from './forward.ts';
import { pairs } from './stored-delivery.ts';
import type { StoredDelivery } from './stored-delivery.ts';
import type { Recorder } from './recorder.ts';

const MAX_HEAD_BYTES = 16_384;
const END_OF_HEAD = '\r\n\r\n';

/** Waits for its turn, and returns what ends it. */
export type Turn = () => Promise<() => void>;

/** An upgrade waits this long for the answer of the one before it. */
const MAX_TURN_MS = 500;

/**
 * Sends upgrades one by one, each after the answer of the one before it. The media host logs only in the order of its
 * answers, and two connections need not keep the order of their requests.
 */
export function turns(): Turn {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    // An upgrade that waits for keys does not hold up the others.
    const timer = setTimeout(resolve, MAX_TURN_MS);
    return () => {
      clearTimeout(timer);
      resolve();
    };
  };
}

/** Called with the answer of an upgrade. */
export type Upgraded = (delivery: StoredDelivery, status: number) => void;

/** Forwards an upgrade to the media host byte for byte, with one hop more, and then the socket. */
export async function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: {
    upstream: Upstream;
    recorder: Recorder;
    types: readonly string[];
    onAnswer: Upgraded;
    turn: Turn;
  },
): Promise<void> {
  const { upstream, recorder, types, onAnswer, turn } = options;
  const started = performance.now();
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const headers = pairs(rawHeaders);
  const delivery = recorder.begin({ method, target: url, headers, upgrade: true });
  delivery.types = types;
  socket.on('error', () => socket.destroy());
  let over = () => {};
  const unanswered = () => {
    over();
    if (delivery.status === undefined) recorder.answered(delivery, 0, performance.now() - started);
    socket.destroy();
  };

  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  over = await turn();
  const listening = await inTime(upstream(), gone.signal).catch(() => undefined);
  if (!listening || socket.destroyed) return unanswered();
  const host = connect(listening.port, '127.0.0.1');
  host.on('error', () => host.destroy());
  host.on('close', unanswered);
  socket.on('close', () => host.destroy());

  const lines = [...headers, clientHeader(request)].map(([name, value]) => `${name}: ${value}`);
  host.write(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('\r\n')}${END_OF_HEAD}`, 'latin1');
  host.write(head);
  socket.pipe(host);

  let received = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf(END_OF_HEAD);
    if (end < 0) {
      if (received.length > MAX_HEAD_BYTES) host.destroy();
      return;
    }
    host.off('data', take);
    over();
    const [statusLine = '', ...answer] = received.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
    const reply = answer.map(
      (line) => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*:\s*/, '')] as const,
    );
    const body = status === 101 ? Buffer.alloc(0) : Buffer.from(received.subarray(end + END_OF_HEAD.length));
    recorder.answered(delivery, status, performance.now() - started, { headers: reply, body });
    onAnswer(delivery, status);
    socket.write(
      `${received.subarray(0, end).toString('latin1')}\r\n${DELIVERY_HEADER}: ${delivery.id}${END_OF_HEAD}`,
      'latin1',
    );
    socket.write(received.subarray(end + END_OF_HEAD.length));
    host.pipe(socket);
  };
  host.on('data', take);
}
