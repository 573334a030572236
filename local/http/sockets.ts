import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { answeredBy, targetOf } from './request.ts';
import type { Answered, OutgoingRequest, Reply } from './request.ts';

/**
 * Requests a WebSocket, with every byte of the target and the headers as given. Hangs up once it is answered, unless
 * `hold` keeps the socket open until `hangUp`. `closed` resolves when either side has closed it, `firstBytes` with what the
 * other side sends first. Rejects where no answer came, and when the signal aborts before.
 */
export function askToUpgrade(
  { url, headers }: Pick<OutgoingRequest, 'url' | 'headers'>,
  { hold = false, signal }: { hold?: boolean; signal?: AbortSignal } = {},
): Promise<
  Reply & { readonly closed: Promise<void>; readonly firstBytes: Promise<Uint8Array>; hangUp(): void }
> {
  const started = performance.now();
  const { hostname, port, host } = new URL(url);
  const handshake = ['connection', 'Upgrade', 'upgrade', 'websocket', 'sec-websocket-version', '13'];
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      hostname,
      port,
      path: targetOf(url),
      headers: ['host', host, ...handshake, 'sec-websocket-key', key, ...headers.flat()],
      agent: false,
      ...(signal && { signal }),
    });
    const answered = (
      { statusCode: status = 0, headers }: IncomingMessage,
      body: string,
      socket?: Duplex,
      head?: Buffer,
    ) => {
      const milliseconds = performance.now() - started;
      const closed = new Promise<void>((done) => (socket ? socket.once('close', done) : done()));
      const firstBytes = new Promise<Uint8Array>((sent) => {
        if (head && head.length > 0) sent(head);
        // A socket that is not read does not notice that the other side ends it.
        socket?.once('data', sent).resume();
      });
      const hangUp = () => void socket?.destroy();
      resolve({ status, headers, body, milliseconds, closed, firstBytes, hangUp });
    };
    request.on('error', reject);
    request.on('upgrade', (response, socket, head) => {
      answered(response, '', socket, head);
      if (!hold) socket.destroy();
    });
    request.on('response', async (response) => {
      answered(response, Buffer.concat(await response.toArray()).toString());
    });
    request.end();
  });
}

/**
 * Opens a WebSocket as Call Automation does, sends the description of a stream, and closes it.
 *
 * @returns the answer of the upgrade, with status 0 where there was none
 */
export async function openSocket({
  url,
  headers,
}: Pick<OutgoingRequest, 'url' | 'headers'>): Promise<Answered> {
  const ws = new WebSocket(url, { headers: Object.fromEntries(headers) });
  const closed = new Promise((resolve) => ws.once('close', resolve));
  const answered = await new Promise<{ statusCode?: number | undefined; headers: Reply['headers'] }>(
    (resolve) => {
      ws.once('upgrade', resolve);
      ws.once('unexpected-response', (request, response) => {
        request.destroy();
        resolve(response);
      });
      ws.on('error', () => resolve({ headers: {} }));
    },
  );
  if (answered.statusCode === 101) {
    if (ws.readyState === ws.CONNECTING) await new Promise((resolve) => ws.once('open', resolve));
    ws.send(
      '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"sample","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}',
    );
    ws.close(1000);
    await closed;
  }
  return answeredBy({ status: answered.statusCode ?? 0, headers: answered.headers });
}
