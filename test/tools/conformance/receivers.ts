import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { listening } from '../../../local/fakes/listening.ts';
import { runConformance } from '../../../tools/conformance/run.ts';
import type { ConformanceOptions } from '../../../tools/conformance/run.ts';

type Answering = (
  request: { readonly headers: IncomingMessage['headers']; readonly url: string; readonly body: string },
  response: ServerResponse,
  settings: Readonly<Record<string, string>>,
) => unknown;

/** Receivers that need no settings. */
export const answering = {
  /** With this status, to every request. */
  always:
    (status: number): Answering =>
    (_request, response) =>
      response.writeHead(status).end(),
  never: (() => {}) as Answering,
};

/** A receiver on loopback, closed at the end of the test. */
export async function receiver(answer: Answering) {
  let settings: Readonly<Record<string, string>> = {};
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    answer({ headers: request.headers, url: request.url ?? '', body }, response, settings);
  });
  const { port, down } = await listening(server);
  onTestFinished(down);
  const url = `http://127.0.0.1:${port}/hook`;
  return {
    url,
    run: (options: Partial<ConformanceOptions> = {}) =>
      runConformance({
        url,
        sender: 'call-automation',
        port: 0,
        timeoutMs: 60_000,
        patienceMs: 1,
        async start(given) {
          settings = given;
          return async () => {};
        },
        ...options,
      }),
  };
}
