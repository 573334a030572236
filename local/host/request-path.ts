/** The percent-encoded bytes of one character, if they are UTF-8. */
const character =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi;

/**
 * Decodes percent-encoded UTF-8 and leaves every other `%` as it is, as Kestrel and `Uri.UnescapeDataString` do;
 * `decodeURIComponent` would throw.
 * @param keep a character that stays encoded.
 */
export function percentDecode(text: string, keep?: string): string {
  return text.replace(character, (encoded) => {
    try {
      const decoded = decodeURIComponent(encoded);
      return decoded === keep ? encoded : decoded;
    } catch {
      return encoded; // overlong, a surrogate, or above U+10FFFF
    }
  });
}

/**
 * The path as Kestrel hands it to routing: percent-decoded but for slashes, then without dot segments, in that order,
 * so that an encoded `..` climbs too. Undefined for one that holds a NUL, which Kestrel refuses.
 * @param raw begins with `/`.
 */
export function decodePath(raw: string): string | undefined {
  const decoded = percentDecode(raw, '/');
  if (decoded.includes('\0')) return undefined;
  const kept: string[] = [];
  const segments = decoded.split('/').slice(1);
  for (const [at, segment] of segments.entries()) {
    const last = at === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (last) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** The path as it stands in the URL that a function sees: `PathString.ToUriComponent` of the decoded one. */
export function encodePath(path: string): string {
  return path.replace(/%(?![0-9A-Fa-f]{2})|[^\w\-.~!$&'()*+,;=:@/%]/gu, (char) => encodeURIComponent(char));
}
