import { unreadable } from './captured.ts';
import type { Captured } from './captured.ts';
import { curlCommand } from './forms/curl.ts';
import { exportedJson } from './forms/json.ts';
import { rawHttp } from './forms/raw-http.ts';

/** Large enough for the largest accepted body, 1.5 MiB, with most of its bytes escaped as `\u0000`. */
export const LONGEST_INPUT_BYTES = 8 * 1024 * 1024;

/**
 * Reads a captured request in any of its forms.
 *
 * @throws Unreadable
 */
export function readCaptured(given: Buffer): Captured {
  if (given.length > LONGEST_INPUT_BYTES) tooLong();
  const start = given.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  const first = given.findIndex(
    (byte, index) => index >= start && !' \t\r\n'.includes(String.fromCharCode(byte)),
  );
  if (first === -1) {
    unreadable('There is nothing in it. Give an HTTP message, a curl command, or a request as JSON.');
  }
  const bytes = given.subarray(first);
  if (bytes[0] === 0x7b) return exportedJson(bytes);
  return /^curl[ \t\\]/.test(bytes.toString('latin1', 0, 5)) ? curlCommand(bytes) : rawHttp(bytes);
}

export function tooLong(): never {
  return unreadable(
    `It is longer than ${LONGEST_INPUT_BYTES / 2 ** 20} MiB, and no request is taken that is longer than 1.5.`,
  );
}
