import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerEmpty, sendAnswer } from './answer.ts';
import { BodyError, type BodyLimits, declaredLength, readDeclaredBody } from './body.ts';
import { hasTwoLengths, MAX_HEADER_BYTES, readRequest } from './host-request.ts';
import { invoke } from './invoke.ts';
import { hostLog } from './log.ts';
import { answerOwnPath } from './own-paths.ts';
import type { RouteTable } from './routes.ts';
import { httpInput, invocationRequest } from './rpc-request.ts';

const CLOSE = { connection: 'close' };

interface Exchange {
  readonly req: IncomingMessage;
  /** Never rejects. Settles when the function has ended and its answer is out. */
  readonly ended: Promise<void>;
}

/**
 * An HTTP server that finds each request's function, hands it the whole request, and sends its whole answer. A handler
 * that throws, or whose result is no answer, is a 500. A caller who leaves does not end the invocation.
 * @param running gets the promise of each exchange.
 */
export function createHostServer(table: RouteTable, limits: BodyLimits, running: Set<Promise<void>>): Server {
  /** The latest of each connection. */
  const exchanges = new WeakMap<Duplex, Exchange>();

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    // Kestrel keeps no such connection open.
    if (req.httpVersion === '1.0' || hasTwoLengths(req)) res.setHeader('connection', 'close');
    const request = readRequest(req);
    if ('status' in request) return answerEmpty(res, request.status, { ...CLOSE, ...request.headers });
    if (answerOwnPath(res, request.path)) return;
    const found = table.find(request.method, request.path);
    if (!found) return answerEmpty(res, 404);
    const body = await readDeclaredBody(req, res, limits);
    const input = httpInput(request, found.params, body);
    const invocationId = randomUUID();
    // For the tools, which find an answer in the log by it. The real host does not send it.
    res.setHeader('x-ms-invocation-id', invocationId);
    try {
      const response = await invoke(found.fn, invocationRequest(invocationId, found.fn, request, input));
      sendAnswer(res, response.returnValue?.http);
    } catch {
      answerEmpty(res, 500); // invoke has logged it
    }
  }

  function take(req: IncomingMessage, res: ServerResponse): void {
    const sent = new Promise((resolve) => res.on('close', resolve));
    const ended = handle(req, res)
      .catch((error: unknown) => {
        logException(error);
        answerEmpty(res, 500, error instanceof BodyError ? CLOSE : {});
      })
      .then(() => sent)
      .then(() => void running.delete(ended));
    running.add(ended);
    exchanges.set(req.socket, { req, ended });
  }

  const server = createServer(
    {
      // Kestrel lets control characters in header values pass.
      insecureHTTPParser: true,
      // More than Kestrel takes, whose limits host-request.ts has.
      maxHeaderSize: 2 * MAX_HEADER_BYTES,
    },
    take,
  );
  // Kestrel answers a caller who has closed its own side. The types of Node do not name it.
  Object.assign(server, { httpAllowHalfOpen: true });
  // A sender that waits for "100 Continue" gets it when its body is read, and any other expectation is ignored.
  server.on('checkContinue', take).on('checkExpectation', take);
  server.on('clientError', (error: ParserError, socket) => void refuse(error, socket, exchanges.get(socket)));
  return server;
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/** Ends a connection whose bytes Node's parser cannot read, after the answer to the last request that it could read. */
async function refuse(error: ParserError, socket: Duplex, last: Exchange | undefined): Promise<void> {
  const inBody = last !== undefined && !last.req.complete;
  // The function waits for a declared body, and runs without any other.
  if (inBody && declaredLength(last.req) > 0) return void socket.destroy();
  await last?.ended;
  if (inBody || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status = statusOf(error);
  if (status === 500) logException(new Error('A header name is not one that HTTP allows.'));
  socket.end(`HTTP/1.1 ${status} \r\nContent-Length: 0\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}

function statusOf({ code, rawPacket, bytesParsed = 0 }: ParserError): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code !== 'HPE_INVALID_HEADER_TOKEN' || !rawPacket) return 400;
  // Kestrel passes on every ASCII name without white space, and the library throws.
  const begin = rawPacket.lastIndexOf('\n', bytesParsed - 1) + 1;
  return /^[\x21-\x39\x3b-\x7e]+:/.test(rawPacket.toString('latin1', begin)) ? 500 : 400;
}

function logException(error: unknown): void {
  hostLog('error', `An unhandled exception has occurred while executing the request. ${String(error)}`);
}
