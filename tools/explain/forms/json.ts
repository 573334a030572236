import { decodeUtf8, hasDuplicateMember } from '../../../shared/verification/strict-json.ts';
import { header, method, unreadable } from '../captured.ts';
import type { Captured } from '../captured.ts';

const EXPECTED =
  'Expected { "method": "POST", "url": "https://…", "headers": { "name": "value", … }, "body": "…" }.';

/**
 * A request that a program exported: `headers` as an object of texts or lists of texts, or as a list of [name, value] or of
 * { name, value }; `body` as text.
 *
 * @throws Unreadable
 */
export function exportedJson(bytes: Buffer): Captured {
  const document = parsed(bytes);
  const { method: verb = 'POST', url, headers = {}, body = '' } = document;
  if (typeof verb !== 'string') unreadable(`"method" is no text. ${EXPECTED}`);
  if (typeof url !== 'string') unreadable(`There is no "url" that is a text. ${EXPECTED}`);
  if (body !== null && typeof body !== 'string') {
    unreadable(
      '"body" is no text. Give it as it came, in quotes: its very bytes are what some signatures hold.',
    );
  }
  return {
    method: method(verb, '"method"'),
    target: url,
    headers: pairsOf(headers).map(([name, value]) => header(name, value, '"headers"')),
    body: Buffer.from(body ?? ''),
    notes: [],
  };
}

function parsed(bytes: Buffer): Record<string, unknown> {
  let text: string;
  let document: unknown;
  try {
    text = decodeUtf8(bytes);
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes what it stumbled over.
    return unreadable(`It begins like JSON, and is not: is all of it there? ${EXPECTED}`);
  }
  // What begins with a brace and parses is an object.
  if (hasDuplicateMember(text))
    unreadable('A member occurs twice: give repeated headers as a list of texts.');
  return document as Record<string, unknown>;
}

function pairsOf(headers: unknown): readonly (readonly [string, string])[] {
  if (typeof headers !== 'object' || headers === null)
    return unreadable(`"headers" is no object. ${EXPECTED}`);
  if (Array.isArray(headers)) return headers.map(pairOf);
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: unknown) => pairOf([name, one])),
  );
}

function pairOf(given: unknown): readonly [string, string] {
  const { name, value } = (given ?? {}) as Record<string, unknown>;
  const pair: readonly unknown[] = Array.isArray(given) ? given : [name, value];
  const [first, second] = pair;
  if (pair.length !== 2 || typeof first !== 'string' || typeof second !== 'string') {
    unreadable(`A header is no pair of texts. ${EXPECTED}`);
  }
  return [first, second];
}
