import type { IncomingMessage } from 'node:http';
import { callAutomationCallbacks } from '../../../functions/call-automation.ts';
import { assemble } from '../../../shared/assembly.ts';
import type { IncomingRequest } from '../../../shared/delivery/read-body.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
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
  return listening((message, response) => {
    const pieces: Buffer[] = [];
    message.on('data', (piece: Buffer) => pieces.push(piece));
    message.on('end', async () => {
      const { status, headers, body = '' } = await handle(requestOf(message, pieces), context);
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    });
  });
}

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

/** Once its body is here, as the Functions host has it before it invokes a function. */
function requestOf(message: IncomingMessage, pieces: Buffer[]): IncomingRequest {
  return {
    url: `http://127.0.0.1${message.url}`,
    headers: {
      get(name) {
        // What a proxy would add.
        if (name === 'x-forwarded-for') return `${message.socket.remoteAddress}:${message.socket.remotePort}`;
        const value = message.headers[name];
        return Array.isArray(value) ? value.join(', ') : (value ?? null);
      },
    },
    body: {
      getReader: () => ({
        async read() {
          const value = pieces.shift();
          return value ? { done: false, value } : { done: true };
        },
        cancel: async () => {},
      }),
    },
  };
}
