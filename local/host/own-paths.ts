import type { ServerResponse } from 'node:http';
import { answerEmpty } from './answer.ts';

/**
 * Answers the paths that the Functions host keeps for itself, of its routes only what a caller without a key sees.
 * @returns whether it has answered.
 */
export function answerOwnPath(res: ServerResponse, path: string): boolean {
  if (path === '/') {
    const page =
      '<!DOCTYPE html><title>Functions host</title><p>Your local functions host is up and running.</p>\n';
    res.writeHead(200, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(page) }).end(page);
  } else if (/^\/admin\/host\/ping\/?$/i.test(path)) {
    answerEmpty(res, 200, { 'cache-control': 'no-store,no-cache', pragma: 'no-cache' });
  } else if (/^\/(admin|runtime)\/./i.test(path)) {
    answerEmpty(res, 401, { 'www-authenticate': 'Bearer' });
  } else {
    return false;
  }
  return true;
}
