import { request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { routePath } from '../../shared/delivery/endpoint.ts';
import { clientOf } from '../host/host-request.ts';
import { DELIVERY_HEADER } from '../http/request.ts';
import { pairs } from './stored-delivery.ts';
import type { StoredDelivery, RawHeaders } from './stored-delivery.ts';
import type { Recorder } from './recorder.ts';

/** Headers of one connection. All others are forwarded. */
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'proxy-connection']);
/** A request waits this long for an app that starts. */
const START_TIMEOUT_MS = 30_000;

/** The port of the app, once it listens. Rejects where it does not start. */
export type Upstream = () => Promise<{ readonly port: number }>;

/**
 * Forwards a request to the app byte for byte, and its answer back. Like the front end of the platform, it adds one hop: the
 * client's address at the end of X-Forwarded-For.
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  recorder: Recorder,
): Promise<void> {
  const started = performance.now();
  const { method = 'GET', url = '/', rawHeaders } = request;
  const headers = pairs(rawHeaders);
  // The health probe is no delivery.
  const isProbe = method === 'GET' && url === routePath('health');
  const delivery = isProbe ? undefined : recorder.begin({ method, target: url, headers, upgrade: false });
  const answered = (status: number, reply?: StoredDelivery['reply']) =>
    delivery && recorder.answered(delivery, status, performance.now() - started, reply);

  const body = gathered(recorder.limits.body);
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  try {
    const { port } = await inTime(upstream(), gone.signal);
    const forwarded = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: url,
      headers: handedOn(headers, request),
      agent: false,
      signal: gone.signal,
    });
    const { promise: replied, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    forwarded.on('response', resolve).on('error', reject);
    request.on('data', (chunk: Buffer) => body.take(chunk));
    const arrived = () => delivery && recorder.arrived(delivery, body.bytes(), body.size());
    request.once('end', arrived);
    request.pipe(forwarded);
    const reply = await replied;
    if (!request.complete) arrived();
    await handBack(reply, response, delivery, (kept) => answered(reply.statusCode ?? 0, kept));
  } catch {
    if (gone.signal.aborted) {
      if (delivery && !request.complete) recorder.arrived(delivery, body.bytes(), body.size());
      answered(0);
      return;
    }
    const status = response.headersSent ? 0 : 503;
    answered(status);
    if (status === 0) return void response.destroy();
    // A client that still sends must be able to read the answer.
    request.unpipe();
    request.resume();
    response
      .writeHead(503, { 'retry-after': '1', ...(delivery && { [DELIVERY_HEADER]: delivery.id }) })
      .end();
  }
}

/** The headers in their order, repeated names included, and one hop more. */
function handedOn(headers: RawHeaders, request: IncomingMessage): string[] {
  const framed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  return [
    ...headers.filter(([name]) => !HOP_HEADERS.has(name.toLowerCase())).flat(),
    ...clientHeader(request),
    'connection',
    'close',
    // Node would send chunks for a POST without a body.
    ...(framed ? [] : ['content-length', '0']),
  ];
}

export const clientHeader = (request: IncomingMessage): [string, string] => [
  'X-Forwarded-For',
  clientOf(request),
];

async function handBack(
  reply: IncomingMessage,
  response: ServerResponse,
  delivery: StoredDelivery | undefined,
  answered: (reply: StoredDelivery['reply']) => void,
): Promise<void> {
  const headers = pairs(reply.rawHeaders).filter(
    ([name]) => !HOP_HEADERS.has(name.toLowerCase()) && name.toLowerCase() !== 'transfer-encoding',
  );
  const own = delivery ? [DELIVERY_HEADER, String(delivery.id)] : [];
  response.sendDate = false;
  response.writeHead(reply.statusCode ?? 502, reply.statusMessage, [...headers.flat(), ...own]);
  const body = gathered(64 * 1024);
  for await (const chunk of reply) {
    body.take(chunk as Buffer);
    if (!response.write(chunk))
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  // Recorded before the sender has its answer, so that it finds the delivery.
  answered({ headers, body: body.bytes() });
  response.end();
}

/** Collects bytes up to a limit. */
function gathered(limit: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  let kept = 0;
  return {
    take(chunk: Buffer): void {
      size += chunk.length;
      if (kept >= limit) return;
      const part = chunk.subarray(0, limit - kept);
      kept += part.length;
      chunks.push(part);
    },
    size: () => size,
    /** A copy: a chunk from the network is a slice of a larger buffer. */
    bytes: () => Buffer.concat(chunks),
  };
}

/** Rejects where the app does not start in time, and when the client leaves. */
export async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('The app does not start.')), START_TIMEOUT_MS);
  const abort = () => late.reject(new Error('The client has left.'));
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
