import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { listening } from '../../../local/fakes/listening.ts';

export type Received = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Response = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

/** An app that keeps what it is sent, and answers as the test says: 200, unless it says otherwise. */
export async function startReceiver() {
  const received: Received[] = [];
  let answer: (request: Received) => Response | Promise<Response> = () => ({ status: 200 });
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body };
    received.push(one);
    const { status, headers: given = {}, body: text = '' } = await answer(one);
    response.writeHead(status, given).end(text);
  });
  const { port, down } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    received: (): readonly Received[] => [...received],
    answer: (next: typeof answer) => {
      answer = next;
    },
    close: down,
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
