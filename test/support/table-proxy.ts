import { createServer, request as forwarded } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listening } from '../../local/fakes/listening.ts';

/** What happens to a request: it works, it is made and its answer is lost, it is never answered, or it is refused with a status. */
export type Fate = 'well' | 'answer-lost' | 'hangs' | number;

export type TableProxy = Awaited<ReturnType<typeof startTableProxy>>;

/**
 * A proxy in front of a table service. It records the requests, and makes them fail as a test says.
 *
 * @param url of the service, with the path of its account
 */
export async function startTableProxy(url: string) {
  const { origin, pathname } = new URL(url);
  const asked: string[] = [];
  const fates: Fate[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let held: Promise<void> | undefined;
  let edited: ((content: string) => string) | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const fate = fates.shift();
    const letGo = held;
    asked.push(nameOf(request));
    for (const { resolve } of waiting.filter(({ count }) => count <= asked.length)) resolve();
    if (fate === 'hangs') return;
    if (typeof fate === 'number') return void refuse(response, fate);
    const { status, headers, content } = await forward(request, body);
    await letGo;
    if (fate === 'answer-lost') return void response.destroy();
    response.writeHead(status, headers).end(edited ? edited(content.toString()) : content);
  }

  const forward = (request: IncomingMessage, body: Buffer) =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; content: Buffer }>(
      (resolve, reject) => {
        const { method, headers } = request;
        // A new connection for each request: the service may have restarted since the last one.
        const how = { method, headers, agent: false };
        const upstream = forwarded(new URL(request.url ?? '', origin), how, (answered) => {
          const { statusCode: status = 502, headers: own } = answered;
          buffer(answered).then((content) => resolve({ status, headers: own, content }), reject);
        });
        upstream.on('error', reject).end(body);
      },
    );

  /** The kind of request: its method, and the table without the keys of the row. */
  const nameOf = ({ method = '', url: path = '' }: IncomingMessage) =>
    `${method} ${path.slice(pathname.length + 1).replace(/[(?].*/, '')}`;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { port, down } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}${pathname}`,
    /** The requests since the last call of this function. */
    asked: () => asked.splice(0),
    /** Resolves after so many requests. */
    arrived: (count: number) =>
      new Promise<void>((resolve) => {
        if (asked.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    /** What happens to the next requests, in order. Later requests are forwarded. */
    next: (...these: readonly Fate[]) => void fates.push(...these),
    /** Forwards all requests from now on. */
    well: () => void (fates.length = 0),
    /** Forwards new requests, but holds their answers back until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    /** Changes the answers from now on, without changing their length; without a function, no more. */
    edit: (change?: (content: string) => string) => void (edited = change),
    close: down,
  };
}

/** The error code that the service sends with a status. */
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
