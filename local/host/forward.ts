import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { pipeline, Transform } from 'node:stream';
import { answerEmpty, type Exchange } from './exchange.ts';

/** The HTTP server that the library opens in the worker for streaming. */
export interface WorkerServer {
  readonly port: number;
  readonly agent: Agent;
  /** Milliseconds without a byte either way after which a forwarded request is given up; the real host has 240,000. */
  readonly idleTimeout: number;
  /** Bytes. */
  readonly bodyLimit: number;
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Forwards a request to the worker's server and its answer back. Settles when the exchange is over, however it ended:
 * 502 where the server could not be reached, 504 where it fell silent, 413 where a chunked body grew over the limit; a
 * caller who leaves ends the forwarded request.
 */
export function forward(
  worker: WorkerServer,
  { req, res, request }: Exchange,
  invocationId: string,
  body: Uint8Array | undefined,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const chunked = body === undefined && req.headers['transfer-encoding'] !== undefined;
  const headers: Record<string, string | string[]> = {};
  for (const [key, { name, values }] of request.headers) {
    const ours = hopByHop.has(key) || key === 'host' || key === 'content-length' || key === 'expect';
    if (!ours) headers[name] = values.map((value) => Buffer.from(value, 'utf8').toString('latin1'));
  }
  headers['x-ms-invocation-id'] = invocationId;
  headers['x-forwarded-host'] = request.host;
  headers['x-forwarded-proto'] = 'http';
  if (body) headers['content-length'] = String(body.byteLength);
  if (chunked) headers['transfer-encoding'] = 'chunked';

  const upstream = httpRequest({
    host: '127.0.0.1',
    port: worker.port,
    agent: worker.agent,
    method: request.method,
    path: request.target,
    headers,
  });
  let failure = 502;
  const giveUp = (status: number) => {
    failure = status;
    upstream.destroy();
  };
  upstream.setTimeout(worker.idleTimeout, () => giveUp(504));
  upstream.on('error', () => {}); // 'close' follows and answers
  upstream.on('response', (incoming) => {
    res.writeHead(incoming.statusCode ?? 502, endToEnd(incoming));
    res.flushHeaders();
    pipeline(incoming, res, () => {});
  });
  upstream.on('close', () => {
    if (!res.headersSent && !res.destroyed) answerEmpty(res, failure);
  });
  res.on('close', () => {
    if (!upstream.writableFinished || !res.writableFinished) upstream.destroy();
    req.unpipe().resume(); // an answer may come before the body has been read
    resolve();
  });

  if (chunked) {
    upstream.flushHeaders(); // the function starts before the first byte of the body
    req.pipe(limited(worker.bodyLimit, () => giveUp(413))).pipe(upstream);
  } else {
    upstream.end(body);
  }
  return promise;
}

function endToEnd({ rawHeaders }: IncomingMessage): string[] {
  const headers: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!hopByHop.has(name.toLowerCase())) headers.push(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** Passes bytes on up to the limit. Piped, not in a pipeline, which would take the caller's connection down with it. */
function limited(limit: number, exceeded: () => void): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.byteLength;
      if (seen <= limit) return done(null, chunk);
      exceeded();
      done();
    },
  });
}
