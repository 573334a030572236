import type { IncomingMessage } from 'node:http';
import { callAutomationCallbacks } from '../../../functions/call-automation.ts';
import { assemble } from '../../../shared/assembly.ts';
import type { IncomingRequest } from '../../../shared/delivery/read-body.ts';
import { readSettings } from '../../../shared/settings.ts';
import { ringwardEnvironment } from './environment.ts';
import { listening } from './listening.ts';

/** The function of the callbacks, with all of its checks and the sample handlers, behind a bare `node:http` server. */
export async function start(): Promise<number> {
  const settings = readSettings(ringwardEnvironment());
  const assembly = assemble(settings);
  await assembly.callAutomationKeys.warm();
  const { handler } = callAutomationCallbacks(assembly, settings.ACS_RESOURCE_ID ?? []);
  // Of the platform's request and context these are what Ringward looks at.
  const handle = handler as unknown as (request: IncomingRequest, context: object) => Promise<Answer>;
  const context = { info() {}, warn() {}, error() {} };
  return listening(async (message, response) => {
    const { status, headers, body = '' } = await handle(requestOf(message), context);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
}

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

function requestOf(message: IncomingMessage): IncomingRequest {
  const forwarded = `${message.socket.remoteAddress}:${message.socket.remotePort}`;
  return {
    url: `http://127.0.0.1${message.url}`,
    headers: {
      get(name) {
        if (name === 'x-forwarded-for') return forwarded;
        const value = message.headers[name];
        return Array.isArray(value) ? value.join(', ') : (value ?? null);
      },
    },
    body: { getReader: () => readerOf(message) },
  };
}

/** Node's own conversions of a message, to a web stream or an iterator, take longer than all of the checks. */
function readerOf(message: IncomingMessage) {
  const chunks: Buffer[] = [];
  let ended = false;
  let wake = () => {};
  message.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  // Comes after the end and after a break.
  for (const over of ['end', 'close']) {
    message.on(over, () => {
      ended = true;
      wake();
    });
  }
  return {
    async read() {
      if (chunks.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      const value = chunks.shift();
      if (value) return { done: false as const, value };
      if (!message.complete) throw new Error('the body broke off');
      return { done: true as const };
    },
    cancel: async () => void message.destroy(),
  };
}
