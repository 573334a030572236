import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerTo } from '../../shared/delivery/answer.ts';
import type { Answer } from '../../shared/delivery/answer.ts';
import { reasons } from '../../shared/reasons.ts';
import type { Reason } from '../../shared/reasons.ts';

/** What a refused upgrade is told: the status and the constant body that a callback would be told as well. */
export const refusal = (reason: Reason): Answer => answerTo(reasons[reason].answer, 503);

/**
 * Answers an upgrade in plain HTTP, on the bare connection. What the peer sends after it is read and thrown away, since a
 * connection that is closed over unread bytes is reset, and the answer lost with it.
 */
export function answerUpgrade(socket: Duplex, { status, headers = {}, body = '' }: Answer): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
}
