import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import { listening } from './listening.ts';
import { newSigningKey } from './token.ts';
import type { SigningKey } from './token.ts';

export type Document = Record<string, unknown>;

/** A document that is published: what it is called here, and what stands in it when all is well. */
export type Published<Name extends string> = { readonly name: Name; readonly right: () => Document };

/** A server of documents about signing keys, with keys that come and go. */
export type KeyPublisher<Name extends string> = {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The key in use; the newest of those that are listed. */
  readonly signingKey: () => SigningKey;
  /** Signs with a new key from now on; it is listed before the old ones. */
  readonly rotate: () => Promise<void>;
  /** Takes every key but the one in use off the list. */
  readonly retire: () => void;
  /** From now on the document is what this makes of the right one, or a fault; without it, as it should be. */
  readonly play: (name: Name, instead?: Fault | ((right: Document) => unknown)) => void;
  /** From now on its clock, as the `Date` of its answers tells it, is this many seconds ahead. */
  readonly drift: (seconds: number) => void;
  /** From now on each answer takes so many milliseconds. */
  readonly delay: (milliseconds: number) => void;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  /** Requests that came, by document. */
  readonly fetches: () => Readonly<Record<Name, number>>;
};

/**
 * @param names of all documents
 * @param documents by path, for an origin and the keys that are listed at the time
 * @param tls a certificate and its key, in PEM; without them it speaks http
 * @param port any free one by default
 */
export async function publishKeys<Name extends string>(options: {
  names: readonly Name[];
  documents: (origin: string, keys: () => readonly SigningKey[]) => Readonly<Record<string, Published<Name>>>;
  tls: { cert: string; key: string } | undefined;
  port?: number | undefined;
}): Promise<KeyPublisher<Name>> {
  const { names, tls } = options;
  let keys: [SigningKey, ...SigningKey[]] = [await newSigningKey(randomUUID())];
  const fetches = new Map(names.map((name) => [name, 0]));
  let ahead = 0;
  let latencyMs = 0;
  const playing = new Map<Name, Fault | ((right: Document) => unknown) | undefined>();

  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  const { port, down, up } = await listening(server, options.port);
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const documents = options.documents(origin, () => keys);

  async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (latencyMs > 0) await wait(latencyMs);
    const document = documents[url];
    if (!document) return void faults['not-found'](response);
    const { name, right } = document;
    fetches.set(name, (fetches.get(name) ?? 0) + 1);
    response.setHeader('date', new Date(Date.now() + ahead * 1000).toUTCString());
    const instead = playing.get(name);
    if (typeof instead === 'string') return void faults[instead](response);
    const content = instead ? instead(right()) : right();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
  }

  return {
    origin,
    signingKey: () => keys[0],
    rotate: async () => {
      keys = [await newSigningKey(randomUUID()), ...keys];
    },
    retire: () => {
      keys = [keys[0]];
    },
    play: (name, instead) => void playing.set(name, instead),
    drift: (seconds) => {
      ahead = seconds;
    },
    delay: (milliseconds) => {
      latencyMs = milliseconds;
    },
    down,
    up,
    fetches: () => Object.fromEntries(fetches) as Record<Name, number>,
  };
}
