import { misused } from '../../local/cli.ts';
import { decodeText } from '../../local/host/decode-text.ts';
import type { Captured } from './captured.ts';
import { exportedJson } from './forms/json.ts';
import { rawHttp } from './forms/raw-http.ts';

/** Large enough for the largest accepted body, 1.5 MiB, with most of its bytes escaped as `\u0000`. */
export const LONGEST_INPUT_BYTES = 8 * 1024 * 1024;

/**
 * Reads a captured request in any of its forms.
 *
 * @throws UsageError
 */
export function readCaptured(given: Buffer): Captured {
  if (given.length > LONGEST_INPUT_BYTES) tooLong();
  const unmarked = withoutMark(given);
  const first = unmarked.findIndex((byte) => !' \t\r\n'.includes(String.fromCharCode(byte)));
  if (first === -1) misused('There is nothing in it. Give an HTTP message, or a request as JSON.');
  const bytes = unmarked.subarray(first);
  if (/^curl\s/.test(bytes.toString('latin1', 0, 5))) {
    misused('A curl command cannot be read. Copy the request as HAR instead, or give the HTTP message.');
  }
  return bytes[0] === 0x7b ? exportedJson(bytes) : rawHttp(bytes);
}

export function tooLong(): never {
  return misused(
    `It is longer than ${LONGEST_INPUT_BYTES / 2 ** 20} MiB, and no request is taken that is longer than 1.5.`,
  );
}

/** Without a byte order mark. UTF-16 becomes UTF-8; any other bytes stay as they are. */
function withoutMark(given: Buffer): Buffer {
  if (given.subarray(0, 3).equals(UTF_8_MARK)) return given.subarray(3);
  const isUtf16 = UTF_16_MARKS.some((mark) => given.subarray(0, 2).equals(mark));
  return isUtf16 ? Buffer.from(decodeText(given)) : given;
}

const UTF_8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF_16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
