import { mask } from './mask.ts';

/** Longer ones are no token of anybody's, in characters. */
const LONGEST = 16_384;

export type DecodedToken = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
};

/** The header and the claims of the token that a request carries, proved or not; its signature goes nowhere. */
export function decodedToken(headers: readonly (readonly [string, string])[]): DecodedToken | undefined {
  const [, value = ''] =
    headers.find(([name]) => name.toLowerCase() === 'authorization') ??
    headers.find(([name]) => name.toLowerCase() === 'authentication') ??
    [];
  const [, token = ''] = /^bearer\s+(\S+)$/i.exec(value) ?? [];
  if (token.length > LONGEST) return undefined;
  const [header, claims] = token.split('.').map(part);
  return header && claims ? { header, claims } : undefined;
}

function part(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    // A claim of somebody's choosing can be a token in its turn.
    return JSON.parse(JSON.stringify(value), (_name, inner: unknown) =>
      typeof inner === 'string' ? mask(inner).text : inner,
    ) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
