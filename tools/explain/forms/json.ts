import { decodeUtf8, hasDuplicateMember } from '../../../shared/verification/strict-json.ts';
import { misused } from '../../../local/cli.ts';
import { header, method } from '../captured.ts';
import type { Captured } from '../captured.ts';

const EXPECTED =
  'Expected { "method": "POST", "url": "https://…", "headers": { "name": "value", … }, "body": "…" }, a HAR file with one request, or a request of webhook.site.';

type Members = Readonly<Record<string, unknown>>;

/**
 * A request as a program exported it: a plain object, a HAR file with one entry, one entry of it, or a request of
 * webhook.site. `headers` are an object of texts or lists of texts, or a list of [name, value] or { name, value }.
 *
 * @throws UsageError
 */
export function exportedJson(bytes: Buffer): Captured {
  const request = requestIn(parsed(bytes));
  const { method: verb = 'POST', url, headers = {} } = request;
  if (typeof verb !== 'string') misused(`"method" is no text. ${EXPECTED}`);
  if (typeof url !== 'string') misused(`There is no "url" that is a text. ${EXPECTED}`);
  return {
    method: method(verb, '"method"'),
    target: url,
    headers: pairsOf(headers).map(([name, value]) => header(name, value, '"headers"')),
    body: bodyOf(request, verb),
    notes: [],
  };
}

/** The request of a HAR file (http://www.softwareishard.com/blog/har-12-spec), or the document itself. */
function requestIn(document: Members): Members {
  const log = membersOf(document['log']);
  if (!log) return membersOf(document['request']) ?? document;
  const entries: readonly unknown[] = Array.isArray(log['entries']) ? log['entries'] : [];
  const request = membersOf(membersOf(entries[0])?.['request']);
  if (entries.length !== 1 || !request) {
    return misused(`The HAR file has ${entries.length} requests. Keep the one that you ask about.`);
  }
  return request;
}

const membersOf = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;

/** `body`, webhook.site's `content` or the `postData` of HAR. A missing body is not an empty one. */
function bodyOf(request: Members, verb: string): Buffer {
  const { body, content, postData, bodySize } = request;
  const { text, encoding } = membersOf(postData) ?? {};
  const given = body ?? content ?? text;
  if (typeof given === 'string') return Buffer.from(given, encoding === 'base64' ? 'base64' : 'utf8');
  if (given !== null && given !== undefined) {
    return misused('The body is no text. Give it as it was received, in quotes: its bytes are signed.');
  }
  const isEmpty = body === null || content === null || bodySize === 0 || verb === 'GET' || verb === 'OPTIONS';
  return isEmpty
    ? Buffer.alloc(0)
    : misused('There is no body: no "body", "content" or "postData". If it was empty, add "body": "".');
}

function parsed(bytes: Buffer): Members {
  let text: string;
  let document: unknown;
  try {
    text = decodeUtf8(bytes);
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes the input.
    return misused(`It begins like JSON, and is not: is all of it there? ${EXPECTED}`);
  }
  // What begins with a brace and parses is an object.
  if (hasDuplicateMember(text)) {
    misused('A member occurs twice: give repeated headers as a list of texts.');
  }
  return document as Members;
}

function pairsOf(headers: unknown): readonly (readonly [string, string])[] {
  if (typeof headers !== 'object' || headers === null) return misused(`"headers" is no object. ${EXPECTED}`);
  if (Array.isArray(headers)) return headers.map(pairOf);
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: unknown) => pairOf([name, one])),
  );
}

function pairOf(given: unknown): readonly [string, string] {
  const { name, value } = (given ?? {}) as Members;
  const pair: readonly unknown[] = Array.isArray(given) ? given : [name, value];
  const [first, second] = pair;
  if (pair.length !== 2 || typeof first !== 'string' || typeof second !== 'string') {
    misused(`A header is no pair of texts. ${EXPECTED}`);
  }
  return [first, second];
}
