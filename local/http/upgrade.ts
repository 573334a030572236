import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { targetOf } from './request.ts';
import type { OutgoingRequest, Reply } from './request.ts';

/**
 * Asks for a WebSocket, every byte of the target and the headers chosen by whoever plays the sender. The answer is 101, or
 * why not; then it hangs up, unless the socket is to be held until `hangUp`.
 */
export function askToUpgrade(
  { url, headers }: Pick<OutgoingRequest, 'url' | 'headers'>,
  { hold = false } = {},
): Promise<Reply & { hangUp(): void }> {
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
    });
    const answered = ({ statusCode: status = 0, headers }: IncomingMessage, body = '', hangUp = () => {}) =>
      resolve({ status, headers, body, milliseconds: performance.now() - started, hangUp });
    request.on('error', reject);
    request.on('upgrade', (response, socket) => {
      answered(response, '', () => socket.destroy());
      if (!hold) socket.destroy();
    });
    request.on('response', async (response) => {
      answered(response, Buffer.concat(await response.toArray()).toString());
    });
    request.end();
  });
}
