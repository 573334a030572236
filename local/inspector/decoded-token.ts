import { isSecretMember } from '../../shared/telemetry/secrets.ts';
import { mask } from './mask.ts';

const MAX_TOKEN_LENGTH = 16_384;

export type DecodedToken = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
};

/** The header and the claims of a request's token, verified or not. Its signature is never shown. */
export function decodedToken(headers: readonly (readonly [string, string])[]): DecodedToken | undefined {
  const [, value = ''] =
    headers.find(([name]) => name.toLowerCase() === 'authorization') ??
    headers.find(([name]) => name.toLowerCase() === 'authentication') ??
    [];
  const [, token = ''] = /^(?:bearer\s+)?(\S+)$/i.exec(value) ?? [];
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const [header, claims] = token.split('.').map(part);
  return header && claims ? { header, claims } : undefined;
}

function part(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    // A claim can contain another token.
    return JSON.parse(JSON.stringify(value), (name, inner: unknown) => {
      if (isSecretMember(name)) return '‹masked›';
      return typeof inner === 'string' ? mask(inner).text : inner;
    }) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
