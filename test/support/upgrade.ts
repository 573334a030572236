import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A bare connection and what the host sent on it. */
export type Raw = {
  readonly socket: Socket;
  /** Resolves with the status of the response; 0 if the connection ended without a response. */
  readonly status: Promise<number>;
  /** Resolves with everything that was received, when the connection is closed. */
  readonly everything: Promise<string>;
  write(bytes: string | Uint8Array): void;
};

/** Opens a bare connection to a host, for requests that no client library would send. */
export function rawConnection(port: number): Raw {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const status = Promise.withResolvers<number>();
  const everything = Promise.withResolvers<string>();
  const text = () => Buffer.concat(chunks).toString('latin1');
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    if (text().includes('\r\n\r\n')) status.resolve(Number(text().slice(9, 12)));
  });
  // A reset closes the connection too; the test looks at what came before it.
  socket.on('error', () => {});
  socket.on('close', () => {
    status.resolve(0);
    everything.resolve(text());
  });
  return {
    socket,
    status: status.promise,
    everything: everything.promise,
    write: (bytes) => void socket.write(bytes),
  };
}

export type Headers = readonly (readonly [name: string, value: string])[];

/** The text of an upgrade with these headers, which may repeat. */
export function upgradeText(target: string, headers: Headers): string {
  const all: Headers = [
    ['host', 'media.example'],
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-version', '13'],
    ['sec-websocket-key', randomBytes(16).toString('base64')],
    ...headers,
  ];
  return `GET ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** A masked frame of a client, up to 65535 bytes long (RFC 6455, section 5.2). */
export function clientFrame(text: string, opcode = 0x81): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head =
    payload.length < 126
      ? Buffer.from([opcode, 0x80 | payload.length])
      : Buffer.from([opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}
