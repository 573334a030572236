import { targetOf } from '../../../local/http/request.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import { rawConnection } from '../../support/upgrade.ts';

/** A request before it becomes bytes, to be bent. */
export type Bent = {
  readonly line: string;
  /** As they are written, without the end of the line. */
  readonly headers: readonly string[];
  readonly body: Buffer;
};

/** A genuine request as bytes would say it, after which the connection is to be closed. */
export function straight({ url, method = 'POST', headers, body }: OutgoingRequest): Bent {
  const bytes = Buffer.from(body);
  return {
    line: `${method} ${targetOf(url)} HTTP/1.1`,
    headers: [
      `host: ${new URL(url).host}`,
      'connection: close',
      ...(method === 'GET' ? [] : [`content-length: ${bytes.length}`]),
      ...headers.map(([name, value]) => `${name}: ${value}`),
    ],
    body: bytes,
  };
}

export function bytesOf({ line, headers, body }: Bent, end = '\r\n'): Buffer {
  return Buffer.concat([Buffer.from([line, ...headers, '', ''].join(end), 'latin1'), body]);
}

/** The same with other headers in the place of those of a name, or without them. */
export function withHeader(bent: Bent, name: string, ...instead: readonly string[]): Bent {
  const others = bent.headers.filter((header) => !header.toLowerCase().startsWith(`${name}:`));
  return { ...bent, headers: [...others, ...instead] };
}

export const headerOf = ({ headers }: Bent, name: string): string =>
  headers.find((header) => header.toLowerCase().startsWith(`${name}:`)) ?? '';

export function chunked(bent: Bent, sizeLine = (size: number) => size.toString(16), trailers = ''): Bent {
  const body = Buffer.concat([
    Buffer.from(`${sizeLine(bent.body.length)}\r\n`),
    bent.body,
    Buffer.from(`\r\n0\r\n${trailers}\r\n`),
  ]);
  return { ...withHeader(bent, 'content-length', 'transfer-encoding: chunked'), body };
}

/**
 * Writes bytes to a port.
 *
 * @returns the statuses that came back in their order, without 100, until the server closed, and all that came
 */
export async function exchange(port: number, bytes: Buffer): Promise<{ statuses: number[]; text: string }> {
  const { socket, everything } = rawConnection(port);
  socket.write(bytes);
  const text = await everything;
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses: statuses.filter((status) => status !== 100), text };
}

/** @returns the status of the first answer, when it is there; 0 where the connection ended without one */
export async function firstStatus(port: number, bytes: Buffer): Promise<number> {
  const { socket, status } = rawConnection(port);
  socket.write(bytes);
  return status.finally(() => socket.destroy());
}
