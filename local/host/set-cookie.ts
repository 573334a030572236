import type { RpcHttpCookie } from './core-api.ts';

/** A `Set-Cookie` value as ASP.NET Core writes it: value escaped, path `/` unless another is given. */
export function setCookie(cookie: RpcHttpCookie): string {
  const { domain, path, expires, maxAge, secure, httpOnly, sameSite } = cookie;
  const parts = [`${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`];
  if (expires) parts.push(`expires=${new Date(expires.value.seconds * 1000).toUTCString()}`);
  if (maxAge) parts.push(`max-age=${maxAge.value}`);
  if (domain) parts.push(`domain=${domain.value}`);
  parts.push(`path=${path?.value ?? '/'}`);
  if (secure?.value) parts.push('secure');
  // 'none' is the protocol's word for "not set".
  if (sameSite && sameSite !== 'none') {
    parts.push(`samesite=${sameSite === 'explicitNone' ? 'none' : sameSite}`);
  }
  if (httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
