import { lastOf } from '../last-of.ts';
import { reject } from '../verdict.ts';
import { strictJsonObject } from './strict-json.ts';
import type { JsonObject } from './strict-json.ts';

/** A JWS in compact form (RFC 7515, section 7.1), taken apart but not proved. */
export type CompactJws = {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array;
  /** What was signed: the first two segments as they came, with the dot between them. ASCII. */
  readonly signed: string;
};

/**
 * Takes a compact JWS apart and refuses every spelling but one: three segments of canonical base64url, none empty,
 * header and claims JSON objects in UTF-8 without duplicate members.
 *
 * Parsers that also take padding, white space or unused bits give one token many spellings, and a check for reuse that
 * is keyed on the text is then no check.
 */
export function parseCompactJws(text: string): CompactJws {
  const first = text.indexOf('.');
  const last = text.lastIndexOf('.');
  if (first === last) reject('token-malformed');
  // A dot more than two is in what is taken for the claims here, and is no character of base64url.
  const header = headerOf(text.slice(0, first));
  const claims = canonicalBase64url(text.slice(first + 1, last));
  const signature = canonicalBase64url(text.slice(last + 1));
  return {
    header,
    claims: strictJsonObject(claims),
    signature,
    signed: text.slice(0, last),
  };
}

const headerOf = lastOf((segment) => Object.freeze(strictJsonObject(canonicalBase64url(segment))));

function canonicalBase64url(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  // Encoding again finds padding, white space, the other alphabet and unused bits alike.
  if (segment === '' || bytes.toString('base64url') !== segment) reject('token-malformed');
  return bytes;
}
