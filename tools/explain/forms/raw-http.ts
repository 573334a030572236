import { misused } from '../../../local/cli.ts';
import { header } from '../captured.ts';
import type { Captured } from '../captured.ts';

const REQUEST_LINE = /^([A-Z]{1,20}) (\S+)(?: HTTP\/[0-9](?:\.[0-9])?)?$/;

/**
 * An HTTP message as it stands on the wire or in a log: a request line or none, headers, an empty line, the body. Lines may
 * end in LF alone; the body is taken byte by byte.
 *
 * @throws UsageError
 */
export function rawHttp(bytes: Buffer): Captured {
  const { lines, body } = taken(bytes);
  const [first = ''] = lines;
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  const skipped = method === undefined ? 0 : 1;
  const headers = lines.slice(skipped).map((line, index) => headerOf(line, `line ${index + skipped + 1}`));
  const cut = bodyOf(headers, body);
  return {
    ...(method !== undefined && { method }),
    ...(target !== undefined && { target }),
    headers,
    ...cut,
  };
}

/** The lines before the first empty one, and the bytes after it. */
function taken(bytes: Buffer): { lines: readonly string[]; body: Buffer } {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    // One character a byte, as the headers of HTTP are: RFC 9110, section 5.5.
    const line = bytes.toString('latin1', start, end).replace(/\r$/, '');
    start = end + 1;
    if (line === '') return { lines, body: bytes.subarray(start) };
    lines.push(line);
  }
  return { lines, body: Buffer.alloc(0) };
}

function headerOf(line: string, where: string): readonly [string, string] {
  if (/^[\t ]/.test(line)) {
    misused(`${where} begins with white space: write each header on one line.`);
  }
  if (line.startsWith(':')) {
    misused(
      `${where}: headers that begin with a colon are those of HTTP/2. Write a first line in their place: <method> <path and query>.`,
    );
  }
  const colon = line.indexOf(':');
  if (colon === -1) {
    misused(`${where} is no header (Name: value). An empty line separates the headers from the body.`);
  }
  return header(line.slice(0, colon), line.slice(colon + 1), where);
}

/** A program that captures or edits often leaves one line break behind the body. */
function bodyOf(headers: Captured['headers'], body: Buffer): Pick<Captured, 'body' | 'notes'> {
  const ofName = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  if (ofName('transfer-encoding') !== undefined) {
    return {
      body,
      notes: [
        'It is judged without its body, because the Functions host passes on none that comes in chunks. Was it captured in front of a proxy that sends the length? Then replace Transfer-Encoding with Content-Length, and take the lengths of the chunks out of the body.',
      ],
    };
  }
  const stated = ofName('content-length');
  if (stated === undefined || !/^\d{1,12}$/.test(stated)) return { body, notes: [] };
  const length = Number(stated);
  if (body.length === 0 && length > 0) {
    misused(`There is no body, but Content-Length says ${length} bytes. Add it after an empty line.`);
  }
  const rest = body.toString('latin1', length);
  if (body.length >= length && ['', '\n', '\r\n'].includes(rest))
    return { body: body.subarray(0, length), notes: [] };
  return {
    body,
    notes: [
      `Content-Length says ${length} and the body has ${body.length} bytes: checks of the body may fail for that.`,
    ],
  };
}
