import { createServer, request as forwarded } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listening } from '../../local/stand-ins/listening.ts';

/** What becomes of a request instead of being forwarded and answered: made and its answer lost, never answered, or a status. */
export type Fate = 'answer-lost' | 'hangs' | number;

export type TableProxy = Awaited<ReturnType<typeof startTableProxy>>;

/**
 * Stands before a table service: keeps a list of what it was asked, and has requests end as a test says.
 *
 * @param url of the service, with the path of its account
 */
export async function startTableProxy(url: string) {
  const { origin, pathname } = new URL(url);
  const asked: string[] = [];
  const fates: Fate[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let held: Promise<void> | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const fate = fates.shift();
    const letGo = held;
    asked.push(nameOf(request, body));
    for (const { resolve } of waiting.filter(({ count }) => count <= asked.length)) resolve();
    if (fate === 'hangs') return;
    if (typeof fate === 'number') return void refuse(response, fate);
    const { status, headers, content } = await forward(request, body);
    await letGo;
    if (fate === 'answer-lost') return void response.destroy();
    response.writeHead(status, headers).end(content);
  }

  const forward = (request: IncomingMessage, body: Buffer) =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; content: Buffer }>(
      (resolve, reject) => {
        const { method, headers } = request;
        // A connection each: the service may have been gone since the last one.
        const how = { method, headers, agent: false };
        const upstream = forwarded(new URL(request.url ?? '', origin), how, (answered) => {
          const { statusCode: status = 502, headers: own } = answered;
          buffer(answered).then((content) => resolve({ status, headers: own, content }), reject);
        });
        upstream.on('error', reject).end(body);
      },
    );

  /** As its kind, and for a transaction with how many rows it changes. */
  function nameOf({ method = '', url: path = '' }: IncomingMessage, body: Buffer): string {
    if (!path.includes('/$batch'))
      return `${method} ${path.slice(pathname.length + 1).replace(/[(?].*/, '')}`;
    const changes = body.toString().match(/^(POST|PUT) http.* HTTP\/1\.1/gm) ?? [];
    return `transaction of ${changes.length}`;
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { port, down } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}${pathname}`,
    /** What it was asked since the last time that this was asked for. */
    asked: () => asked.splice(0),
    /** Resolves when so much has been asked. */
    arrived: (count: number) =>
      new Promise<void>((resolve) => {
        if (asked.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    /** What becomes of the next requests, in their order; the others are forwarded. */
    next: (...these: readonly Fate[]) => void fates.push(...these),
    /** Takes back what was to become of requests that did not come. */
    well: () => void (fates.length = 0),
    /** Answers nothing of what comes from now on before it is told to, though it does what it is asked. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    close: down,
  };
}

/** The code that the service itself gives with a status. */
const CODES: Record<number, string> = {
  403: 'AuthorizationPermissionMismatch',
  500: 'InternalError',
  503: 'ServerBusy',
};

function refuse(response: ServerResponse, status: number): void {
  const code = CODES[status] ?? 'Unknown';
  const message = { lang: 'en-US', value: 'quotes the request: SECRET' };
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-ms-error-code': code })
    .end(JSON.stringify({ 'odata.error': { code, message } }));
}
