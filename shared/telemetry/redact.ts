import { secretFinder } from './secrets.ts';

/** The log needs no query, and no phone number. */
const secretsIn = secretFinder([
  // The whole query of a URI.
  {
    kind: 'query',
    before: String.raw`(?:[hH][tT][tT][pP]|[wW][sS])[sS]?:\/\/[^\s?'"]+\?`,
    secret: String.raw`[^\s'"]+`,
  },
  { kind: 'phone number', secret: String.raw`\+\d{6,15}` },
]);

/**
 * Removes what looks like a secret from text that we did not write: tokens, callback keys, access keys, phone numbers and
 * query strings. A second line of defence, for errors that quote their arguments.
 *
 * @returns at most the first 8,192 characters, which bounds the cost of a long text
 */
export function redact(text: string): string {
  const cut = text.slice(0, 8192);
  let redacted = '';
  let done = 0;
  for (const { kind, start, end } of secretsIn(cut)) {
    redacted += `${cut.slice(done, start)}[${kind}]`;
    done = end;
  }
  return redacted + cut.slice(done);
}
