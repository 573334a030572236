import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { targetOf } from '../../../../local/http/request.ts';
import type { OutgoingRequest } from '../../../../local/http/request.ts';

/** Milliseconds; a request of the app takes no longer than half of it. */
const PATIENCE = 60_000;

/** Connections that are used again, as a sender at full speed does. */
export const newAgent = () => new Agent({ keepAlive: true });

/** @returns the status; 0 where the connection broke, -1 where no answer came in a minute */
export async function send(agent: Agent, request: OutgoingRequest): Promise<number> {
  for (;;) {
    const status = await sendOnce(agent, request);
    if (status !== 'not read') return status;
  }
}

function sendOnce(agent: Agent, { url, headers, body }: OutgoingRequest): Promise<number | 'not read'> {
  const { hostname, port, host } = new URL(url);
  const bytes = Buffer.from(body);
  return new Promise((resolve) => {
    const request = httpRequest({
      agent,
      hostname,
      port,
      method: 'POST',
      path: targetOf(url),
      headers: ['host', host, 'content-length', String(bytes.length), ...headers.flat()],
    });
    const limit = setTimeout(() => {
      resolve(-1);
      request.destroy();
    }, PATIENCE);
    const done = (status: number | 'not read') => {
      clearTimeout(limit);
      resolve(status);
    };
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close a connection that is idle just when it is used again; nothing of the request was read then.
      done(request.reusedSocket && error.code === 'ECONNRESET' ? 'not read' : 0);
    });
    request.on('response', (response) => {
      response.resume().on('end', () => done(response.statusCode ?? 0));
      response.on('error', () => done(0));
    });
    request.end(bytes);
  });
}

/** A request as bytes, in its head and its body. */
export function asBytes({ url, headers, body }: OutgoingRequest): { head: Buffer; body: Buffer } {
  const bytes = Buffer.from(body);
  const lines = [
    `POST ${targetOf(url)} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'connection: close',
    `content-length: ${bytes.length}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body: bytes };
}

async function opened(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends a request in so many pieces over so many milliseconds. @returns the status, 0 where there is none */
export async function drip(request: OutgoingRequest, pieces: number, milliseconds: number): Promise<number> {
  const { head, body } = asBytes(request);
  const socket = await opened(request.url);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const all = Buffer.concat([head, body]);
  for (let piece = 0; piece < pieces && !socket.destroyed; piece++) {
    socket.write(all.subarray((all.length * piece) / pieces, (all.length * (piece + 1)) / pieces));
    await wait(milliseconds / pieces);
  }
  const limit = setTimeout(() => socket.destroy(), PATIENCE);
  await closed;
  clearTimeout(limit);
  return Number(answer.slice(9, 12));
}

/** Leaves after a part of a request, or after all of it without a look at the answer. @param part of the body, up to 1 */
export async function abort(request: OutgoingRequest, part: number): Promise<void> {
  const { head, body } = asBytes(request);
  const socket = await opened(request.url);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(Buffer.concat([head, body.subarray(0, Math.floor(part * body.length))]), () =>
    setTimeout(() => socket.resetAndDestroy(), 5),
  );
  await closed;
}
