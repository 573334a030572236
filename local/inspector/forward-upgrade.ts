import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { clientHeader, DELIVERY_HEADER } from './forward.ts';
import type { Upstream } from './forward.ts';
import { pairs } from './kept.ts';
import type { Kept } from './kept.ts';
import type { Recorder } from './recorder.ts';

/** The head of an answer is no longer than this, in bytes. */
const LONGEST_HEAD = 16_384;
const END_OF_HEAD = '\r\n\r\n';

/** What an upgrade was answered, for whoever knows what the media host says of it. */
export type Upgraded = (delivery: Kept, status: number) => void;

/** Hands the upgrade of a socket on to the media host, byte for byte but for one hop, and then all that comes after it. */
export async function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: { upstream: Upstream; recorder: Recorder; types: readonly string[]; onAnswer: Upgraded },
): Promise<void> {
  const { upstream, recorder, types, onAnswer } = options;
  const started = performance.now();
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const headers = pairs(rawHeaders);
  const delivery = recorder.begin({ method, target: url, headers });
  delivery.types = types;
  socket.on('error', () => socket.destroy());
  const unanswered = () => {
    if (delivery.status === undefined) recorder.answered(delivery, 0, performance.now() - started);
    socket.destroy();
  };

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
