import type { ServerResponse } from 'node:http';

/** Ways in which a service fails to answer; each is played over a real connection. */
export const faults = {
  /** Accepts the request and never answers. */
  hang: () => {},
  /** Answers 200 and then one byte after the other, for ever. */
  drip: (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drops = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(drops));
  },
  reset: (response: ServerResponse) => response.destroy(),
  redirect: (response: ServerResponse) => response.writeHead(302, { location: '/elsewhere' }).end(),
  'not-found': (response: ServerResponse) => response.writeHead(404).end(),
  'server-error': (response: ServerResponse) => response.writeHead(500).end(),
  /** 429, and not before two minutes have passed. */
  throttled: (response: ServerResponse) => response.writeHead(429, { 'retry-after': '120' }).end(),
  /** 503, and not before two minutes have passed. */
  unavailable: (response: ServerResponse) => response.writeHead(503, { 'retry-after': '120' }).end(),
  html: (response: ServerResponse) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Under maintenance</title>');
  },
  truncated: (response: ServerResponse) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      .write('{"keys":[');
    response.destroy();
  },
  huge: (response: ServerResponse) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(`{"keys":[${' '.repeat(1024 * 1024)}]}`);
  },
} satisfies Record<string, (response: ServerResponse) => unknown>;

export type Fault = keyof typeof faults;

/** Which fault a service plays; none where it is well. */
export type Health = { ailing: Fault | undefined };
