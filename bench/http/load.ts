import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Connections that stay open, each with one request in flight. */
const CONNECTIONS = 20;

/** How long a batch of requests took, and how many responses had each status. */
export type Run = { readonly seconds: number; readonly statuses: Readonly<Record<string, number>> };

/**
 * Sends every request once, over raw sockets: a client library would need more CPU than some of the servers. A response
 * is complete after as many bytes as its Content-Length says, which every server here sends.
 */
export async function send(port: number, requests: readonly Buffer[]): Promise<Run> {
  const statuses: Record<string, number> = {};
  const queue = requests.values();
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  const started = performance.now();
  await Promise.all(
    sockets.map((socket) =>
      drain(socket, queue, (status) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
      }),
    ),
  );
  return { seconds: (performance.now() - started) / 1000, statuses };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

function drain(socket: Socket, queue: Iterator<Buffer>, onResponse: (status: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const next = () => {
      const { done, value } = queue.next();
      if (!done) return void socket.write(value);
      socket.destroy();
      resolve();
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
      if (text.length < head + 4 + Number(length)) return;
      onResponse(text.slice(9, 12));
      text = '';
      next();
    });
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the server closed a connection')));
    next();
  });
}
