import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { clientHeader, DELIVERY_HEADER } from './forward.ts';
import type { Upstream } from './forward.ts';
import { pairs } from './stored-delivery.ts';
import type { Kept } from './stored-delivery.ts';
import type { Recorder } from './recorder.ts';

/** The head of an answer is no longer than this, in bytes. */
const LONGEST_HEAD = 16_384;
const END_OF_HEAD = '\r\n\r\n';

/** One after the other. */
export type Turn = () => Promise<() => void>;

/** How long an upgrade waits for the answer of the one before it, in milliseconds. */
const LONGEST_TURN = 500;

/**
 * Lets the upgrades go on one after the other, each when the one before it is answered: the media host says only in what
 * order it answered them, and two connections need not keep to it.
 */
export function turns(): Turn {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    // One that takes long, since keys are asked for, does not keep the others.
    const timer = setTimeout(resolve, LONGEST_TURN);
    return () => {
      clearTimeout(timer);
      resolve();
    };
  };
}

/** What an upgrade was answered, for whoever knows what the media host says of it. */
export type Upgraded = (delivery: Kept, status: number) => void;

/** Hands the upgrade of a socket on to the media host, byte for byte but for one hop, and then all that comes after it. */
export async function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: {
    upstream: Upstream;
    recorder: Recorder;
    types: readonly string[];
    onAnswer: Upgraded;
    /** Resolves when it is its turn; what it resolves with ends the turn. */
    turn: Turn;
  },
): Promise<void> {
  const { upstream, recorder, types, onAnswer, turn } = options;
  const started = performance.now();
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const headers = pairs(rawHeaders);
  const delivery = recorder.begin({ method, target: url, headers });
  delivery.types = types;
  socket.on('error', () => socket.destroy());
  let over = () => {};
  const unanswered = () => {
    over();
    if (delivery.status === undefined) recorder.answered(delivery, 0, performance.now() - started);
    socket.destroy();
  };

  over = await turn();
  const listening = await upstream().catch(() => undefined);
  if (!listening || socket.destroyed) return unanswered();
  const host = connect(listening.port, '127.0.0.1');
  host.on('error', () => host.destroy());
  host.on('close', unanswered);
  socket.on('close', () => host.destroy());

  const lines = [...headers, clientHeader(request)].map(([name, value]) => `${name}: ${value}`);
  host.write(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('\r\n')}${END_OF_HEAD}`, 'latin1');
  host.write(head);
  socket.pipe(host);

  let come = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    come = Buffer.concat([come, chunk]);
    const end = come.indexOf(END_OF_HEAD);
    if (end < 0) {
      if (come.length > LONGEST_HEAD) host.destroy();
      return;
    }
    host.off('data', take);
    over();
    const [statusLine = '', ...answer] = come.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
    const reply = answer.map(
      (line) => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*:\s*/, '')] as const,
    );
    const body = status === 101 ? Buffer.alloc(0) : Buffer.from(come.subarray(end + END_OF_HEAD.length));
    recorder.answered(delivery, status, performance.now() - started, { headers: reply, body });
    onAnswer(delivery, status);
    socket.write(
      `${come.subarray(0, end).toString('latin1')}\r\n${DELIVERY_HEADER}: ${delivery.id}${END_OF_HEAD}`,
      'latin1',
    );
    socket.write(come.subarray(end + END_OF_HEAD.length));
    host.pipe(socket);
  };
  host.on('data', take);
}
