import { reject } from '../verdict.ts';
import { strictJsonObject } from './strict-json.ts';
import type { JsonObject } from './strict-json.ts';

/** A JWS in compact form (RFC 7515, section 7.1), taken apart but not proved. */
export type CompactJws = {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array;
  /** The three segments as they came. */
  readonly segments: { readonly protected: string; readonly payload: string; readonly signature: string };
};

/**
 * Takes a compact JWS apart and refuses every spelling but one: three segments of canonical base64url, none empty,
 * header and claims JSON objects in UTF-8 without duplicate members.
 *
 * Parsers that also take padding, white space or unused bits give one token many spellings, and a check for reuse that
 * is keyed on the text is then no check.
 */
export function parseCompactJws(text: string): CompactJws {
  const [header, payload, signature, ...rest] = text.split('.', 4);
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    reject('token-malformed');
  }
  const headerBytes = canonicalBase64url(header);
  const payloadBytes = canonicalBase64url(payload);
  const signatureBytes = canonicalBase64url(signature);
  return {
    header: strictJsonObject(headerBytes),
    claims: strictJsonObject(payloadBytes),
    signature: signatureBytes,
    segments: { protected: header, payload, signature },
  };
}

function canonicalBase64url(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  // Encoding again finds padding, white space, the other alphabet and unused bits alike.
  if (segment === '' || bytes.toString('base64url') !== segment) reject('token-malformed');
  return bytes;
}
