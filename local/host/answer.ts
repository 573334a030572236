import type { ServerResponse } from 'node:http';
import type { RpcHttpData } from './core-api.ts';
import { setCookie } from './set-cookie.ts';

/** The host frames the answer itself, whatever a handler says. */
const framing = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Writes what a worker returned for an HTTP trigger; nothing returned is a 204.
 * @throws for headers that HTTP does not allow.
 */
export function sendAnswer(res: ServerResponse, http: RpcHttpData | undefined): void {
  if (res.destroyed) return;
  if (!http) return void res.writeHead(204).end();
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (!framing.has(name.toLowerCase())) res.setHeader(name, value);
  }
  for (const cookie of http.cookies ?? []) res.appendHeader('set-cookie', setCookie(cookie));
  const status = Number(http.statusCode);
  const body = http.body?.bytes ?? new Uint8Array();
  if (status !== 204 && status !== 304) res.setHeader('content-length', body.byteLength);
  res.writeHead(status).end(body);
}

/**
 * Answers with a status and an empty body, as the host does for everything that no function answered. What the caller
 * is still sending is thrown away, so that it gets to read the answer.
 */
export function answerEmpty(res: ServerResponse, status: number): void {
  if (res.headersSent || res.destroyed) return void res.destroy();
  res.writeHead(status, { 'content-length': '0' }).end();
}
