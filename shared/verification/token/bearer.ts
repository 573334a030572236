import type { ReceivedRequest } from '../check.ts';
import { reject } from '../verdict.ts';

/** Longest token looked at, in characters. */
const MAX_TOKEN_LENGTH = 8192;

/**
 * The text of the one bearer token of a request.
 *
 * A repeated header arrives joined by a comma, which is no character of a token, so it is refused here.
 *
 * @param headerNames tried in turn: a later one counts only where every earlier one is absent
 */
export function bearerToken(headers: ReceivedRequest['headers'], headerNames: readonly string[]): string {
  const header = firstOf(headers, headerNames) ?? reject('token-missing');
  const space = header.indexOf(' ');
  const token = header.slice(space + 1);
  if (header.slice(0, Math.max(space, 0)).toLowerCase() !== 'bearer') reject('token-not-bearer');
  if (token === '' || token.includes(' ')) reject('token-not-bearer');
  if (token.length > MAX_TOKEN_LENGTH) reject('token-too-long');
  if (token.includes(',')) reject('token-not-bearer');
  return token;
}

function firstOf(headers: ReceivedRequest['headers'], names: readonly string[]): string | null {
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) return value;
  }
  return null;
}
