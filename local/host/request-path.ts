import { percentDecode } from './percent.ts';

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
