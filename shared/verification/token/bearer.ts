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
  const header = headerNames.map((name) => headers.get(name)).find((value) => value !== null);
  if (header === undefined || header === null) reject('token-missing');
  const [scheme, token, ...rest] = header.split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) reject('token-not-bearer');
  if (token.length > MAX_TOKEN_LENGTH) reject('token-too-long');
  if (token.includes(',')) reject('token-not-bearer');
  return token;
}
