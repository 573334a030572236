import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import { listening } from './listening.ts';
import { newSigningKey } from './token.ts';
import type { SigningKey } from './token.ts';

/** An issuer of tokens: an OpenID configuration, a key set, and keys that come and go. */
export type Issuer = {
  readonly issuer: string;
  readonly openIdConfigurationUrl: string;
  /** The key in use; the newest of those that the key set lists. */
  readonly signingKey: () => SigningKey;
  /** Signs with a new key from now on; the key set lists it before the old ones. */
  readonly rotate: () => Promise<void>;
  /** Takes every key but the one in use out of the key set. */
  readonly retire: () => void;
  /** From now on the document is what this makes of the right one, or a fault; without it, as it should be. */
  readonly play: (
    document: 'configuration' | 'keys',
    instead?: Fault | ((right: Document) => unknown),
  ) => void;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  /** Requests that came, by document. */
  readonly fetches: () => { readonly configuration: number; readonly keys: number };
};

export type Document = Record<string, unknown>;

/** @param tls a certificate and its key, in PEM; without them it speaks http */
export async function startIssuer(options: {
  configurationPath: string;
  keysPath: string;
  tls?: { cert: string; key: string };
}): Promise<Issuer> {
  const { configurationPath, keysPath, tls } = options;
  let keys: [SigningKey, ...SigningKey[]] = [await newSigningKey(randomUUID())];
  const fetches = { configuration: 0, keys: 0 };
  const playing: { [D in keyof typeof fetches]?: Fault | ((right: Document) => unknown) | undefined } = {};

  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  const { port, down, up } = await listening(server);
  const issuer = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const right = {
    configuration: () => ({ issuer, jwks_uri: `${issuer}${keysPath}` }),
    keys: () => ({ keys: keys.map(({ jwk }) => jwk) }),
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const document = ({ [configurationPath]: 'configuration', [keysPath]: 'keys' } as const)[
      request.url ?? ''
    ];
    if (!document) return void faults['not-found'](response);
    fetches[document]++;
    const instead = playing[document];
    if (typeof instead === 'string') return void faults[instead](response);
    const content = instead ? instead(right[document]()) : right[document]();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  }

  return {
    issuer,
    openIdConfigurationUrl: `${issuer}${configurationPath}`,
    signingKey: () => keys[0],
    rotate: async () => {
      keys = [await newSigningKey(randomUUID()), ...keys];
    },
    retire: () => {
      keys = [keys[0]];
    },
    play: (document, instead) => {
      playing[document] = instead;
    },
    down,
    up,
    fetches: () => ({ ...fetches }),
  };
}
