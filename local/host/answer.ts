import type { ServerResponse } from 'node:http';
import type { RpcHttpCookie, RpcHttpData } from './functions-core.ts';

/** The host frames the answer itself, whatever a handler says. */
const framing = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Writes what a worker returned for an HTTP trigger. Nothing returned is a 204.
 * @throws for a status and for headers that Kestrel does not send.
 */
export function sendAnswer(res: ServerResponse, http: RpcHttpData | undefined): void {
  if (res.destroyed) return;
  if (!http) return void res.writeHead(204).end();
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (/[^\t\x20-\x7e]/.test(value))
      throw new Error(`Invalid non-ASCII or control character in header: ${name}`);
    if (!framing.has(name.toLowerCase())) res.setHeader(name, value);
    else if (/^connection$/i.test(name) && /^close$/i.test(value)) res.setHeader('connection', 'close');
  }
  for (const cookie of http.cookies ?? []) res.appendHeader('set-cookie', setCookie(cookie));
  const status = Number(http.statusCode);
  const body = http.body?.bytes ?? new Uint8Array();
  if (status !== 204 && status !== 304) res.setHeader('content-length', body.byteLength);
  res.writeHead(status).end(body);
}

/** Answers without a function: with a status, some headers and no body. */
export function answerEmpty(res: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (res.headersSent || res.destroyed) return void res.destroy();
  res.writeHead(status, { 'content-length': '0', ...headers }).end();
}

/** A `Set-Cookie` value as ASP.NET Core writes it: value escaped, path `/` by default. */
function setCookie(cookie: RpcHttpCookie): string {
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
