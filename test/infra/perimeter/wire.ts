import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { listening } from '../../../local/fakes/listening.ts';

/** A request as it came over the wire. */
export type Seen = {
  readonly method: string;
  readonly url: string;
  /** Names in lower case; one that came twice is there twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
};

/** A server in the place of the app that says yes to every sub-request and keeps what it is sent, byte for byte. */
export async function startWire() {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    const whole = await request.toArray().catch(() => undefined);
    // It broke off on its way.
    if (!whole) return;
    const body = Buffer.concat(whole);
    seen.push({ method, url, headers: pairs(request), body });
    response.writeHead(url.startsWith('/api/authorize') ? 204 : 200).end();
  });
  const { port, down } = await listening(server);
  const isQuestion = ({ url }: Seen) => url.startsWith('/api/authorize');
  return {
    url: `http://127.0.0.1:${port}`,
    /** The sub-requests, and what was passed on. */
    questions: () => seen.filter(isQuestion),
    passed: () => seen.filter((one) => !isQuestion(one)),
    close: down,
  };
}

function pairs({ rawHeaders }: IncomingMessage): [string, string][] {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ''] as [string, string]] : [],
  );
}

export const valuesOf = ({ headers }: Seen, name: string) =>
  headers.flatMap(([one, value]) => (one === name ? [value] : []));
