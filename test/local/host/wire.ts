import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opens a connection and writes the text, byte for byte (latin1). */
export async function open(url: string, text = ''): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(text, 'latin1');
  return socket;
}

/** Sends raw HTTP and gives all that comes back until the server closes the connection. */
export async function exchange(url: string, text: string): Promise<{ status: number; text: string }> {
  const socket = await open(url, text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
  await once(socket, 'close');
  return { status: Number(answer.split(' ')[1]), text: answer };
}

/** A raw request with an own Host header and no second request after it. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', body].join('\r\n');
}
