import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { bytesOf, chunked, headerOf, withHeader } from './wire.ts';
import type { Bent } from './wire.ts';

/** A genuine request bent in one way that HTTP does not allow, or that two readers of it may understand differently. */
export type Case = {
  readonly name: string;
  readonly bend: (genuine: Bent) => Buffer;
  /** What comes back. */
  readonly statuses: readonly number[];
  /** Whether the event is handled; by nobody, where nothing is said. */
  readonly handled?: true;
};

const MIB = 1024 * 1024;
const refused = (name: string, status: number, bend: (genuine: Bent) => Bent): Case => ({
  name,
  statuses: [status],
  bend: (genuine) => bytesOf(bend(genuine)),
});
/** The Functions host takes it, and so does ours (docs/local-host.md): a genuine request with something else in it. */
const taken = (name: string, bend: (genuine: Bent) => Bent): Case => ({
  name,
  statuses: [200],
  bend: (genuine) => bytesOf(bend(genuine)),
  handled: true,
});
const length = (genuine: Bent, ...headers: readonly string[]) =>
  withHeader(genuine, 'content-length', ...headers);
const real = (genuine: Bent) => headerOf(genuine, 'content-length');
const token = (genuine: Bent) => headerOf(genuine, 'authorization');
/** The connection stays open after it. */
const goingOn = (genuine: Bent) => withHeader(genuine, 'connection');
const added = (genuine: Bent, ...headers: readonly string[]) => ({
  ...genuine,
  headers: [...genuine.headers, ...headers],
});

/** How long is it? RFC 9112, sections 6.1 to 6.3. The host reads no body in chunks, so the app answers as to any of them. */
const lengths: readonly Case[] = [
  refused('two lengths', 400, (genuine) => length(genuine, real(genuine), 'content-length: 2')),
  refused('two lengths, the other way round', 400, (genuine) =>
    length(genuine, 'content-length: 2', real(genuine)),
  ),
  refused('the same length twice', 400, (genuine) => length(genuine, real(genuine), real(genuine))),
  refused('a list of lengths', 400, (genuine) => length(genuine, `${real(genuine)}, 2`)),
  ...['+5', '-1', '0x10', '5 5', '1e3', '99999999999999999999', ''].map((text) =>
    refused(`the length "${text}"`, 400, (genuine) => length(genuine, `content-length: ${text}`)),
  ),
  refused('a length and chunks', 503, (genuine) => added(chunked(genuine), real(genuine))),
  refused('chunks and a length', 503, (genuine) =>
    length(chunked(genuine), real(genuine), 'transfer-encoding: chunked'),
  ),
  ...Object.entries({
    'chunked, identity': 400,
    xchunked: 400,
    'chunked, chunked': 503,
    '\x0bchunked': 503,
    identity: 400,
    'gzip, chunked, x': 400,
  }).map(([text, status]) =>
    refused(`the transfer encoding ${JSON.stringify(text)}`, status, (genuine) =>
      withHeader(chunked(genuine), 'transfer-encoding', `transfer-encoding: ${text}`),
    ),
  ),
  ...['ffffffffffffffffff', '-1', '0x5', '5 5', ''].map((text) =>
    refused(`a chunk of "${text}" bytes`, 503, (genuine) => chunked(genuine, () => text)),
  ),
];

/** Whose word counts? */
const conflicts: readonly Case[] = [
  refused('two hosts', 400, (genuine) => added(genuine, 'host: other.example')),
  refused('no host', 400, (genuine) => withHeader(genuine, 'host')),
  refused('a target of another host', 400, (genuine) => ({
    ...genuine,
    line: genuine.line.replace(' /', ' http://other.example/'),
  })),
  refused('a second authorization', 401, (genuine) => added(genuine, 'authorization: Bearer x')),
  refused('a second authorization, of another case, first', 401, (genuine) => ({
    ...genuine,
    headers: ['AUTHORIZATION: Bearer x', ...genuine.headers],
  })),
  refused('the same authorization twice', 401, (genuine) => added(genuine, token(genuine))),
  refused('an authorization in a trailer', 401, (genuine) =>
    withHeader(chunked(genuine, undefined, `${token(genuine)}\r\n`), 'authorization'),
  ),
  refused('a second key', 401, (genuine) => ({
    ...genuine,
    line: genuine.line.replace(' HTTP/1.1', '&key=v1.x.x.1.x HTTP/1.1'),
  })),
  refused('a method in a header', 404, (genuine) => ({
    ...withHeader(genuine, 'content-length', 'x-http-method-override: POST'),
    line: genuine.line.replace('POST', 'GET'),
    body: Buffer.alloc(0),
  })),
];

/** What a lenient reader would overlook. RFC 9112, sections 2.2 and 5. */
const syntax: readonly Case[] = [
  refused('a space before the colon', 400, (genuine) =>
    withHeader(genuine, 'authorization', token(genuine).replace(':', ' :')),
  ),
  taken('a folded header', (genuine) =>
    withHeader(genuine, 'authorization', token(genuine).replace(' Bearer ', ' Bearer\r\n ')),
  ),
  refused('a zero byte in a header', 400, (genuine) => added(genuine, 'x-a: a\0b')),
  taken('a line feed for a new line within a header', (genuine) => added(genuine, 'x-a: a\nx-b: b')),
  refused('a carriage return within a header', 400, (genuine) => added(genuine, 'x-a: a\rx-b: b')),
  refused('a header without a name', 400, (genuine) => added(genuine, ': x')),
  refused('a header that is no UTF-8', 400, (genuine) => added(genuine, 'x-a: \xff\xfe')),
  refused('HTTP/2 without asking', 400, (genuine) => ({ ...genuine, line: 'PRI * HTTP/2.0' })),
  refused('HTTP/9.9', 505, (genuine) => ({ ...genuine, line: genuine.line.replace('HTTP/1.1', 'HTTP/9.9') })),
  { name: 'line feeds alone', statuses: [200], handled: true, bend: (genuine) => bytesOf(genuine, '\n') },
  refused('a header of 64 KiB', 431, (genuine) => added(genuine, `x-a: ${'a'.repeat(65_536)}`)),
  refused('five thousand headers', 431, (genuine) =>
    added(genuine, ...Array.from({ length: 5000 }, (_, index) => `x-${index}: a`)),
  ),
  refused('a target of 64 KiB', 431, (genuine) => ({
    ...genuine,
    line: genuine.line.replace(' HTTP', `&x=${'a'.repeat(65_536)} HTTP`),
  })),
];

/** A body is what its bytes say: nothing is ever unpacked. */
const compressed: readonly Case[] = [
  ...Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }).map(([name, pack]) =>
    refused(`a body in ${name}`, 400, (genuine) => packed(genuine, name, pack(genuine.body))),
  ),
  refused('a body of 64 KiB in gzip that unpacks to 64 MiB', 400, (genuine) =>
    packed(genuine, 'gzip', gzipSync(Buffer.alloc(64 * MIB))),
  ),
];

const packed = (genuine: Bent, encoding: string, body: Buffer): Bent => ({
  ...length(genuine, `content-length: ${body.length}`, `content-encoding: ${encoding}`),
  body,
});

/** Odd, and allowed. The host hands a body in chunks to the app as an empty one: the sender should send it again. */
const allowed: readonly Case[] = [
  {
    name: 'a body in chunks',
    bend: (genuine) => bytesOf(chunked(genuine)),
    statuses: [503],
  },
  {
    name: 'a body of more than 1 MiB in chunks',
    bend: (genuine) => bytesOf(chunked({ ...genuine, body: Buffer.alloc(2 * MIB, ' ') })),
    statuses: [503],
  },
  {
    name: 'an expectation of 100',
    bend: (genuine) => bytesOf(added(genuine, 'expect: 100-continue')),
    statuses: [200],
    handled: true,
  },
  taken('another expectation', (genuine) => added(genuine, 'expect: x')),
  {
    name: 'an upgrade to h2c',
    bend: (genuine) =>
      bytesOf(withHeader(genuine, 'connection', 'connection: upgrade, close', 'upgrade: h2c')),
    statuses: [200],
    handled: true,
  },
  {
    name: 'a request in the body of another, which is one',
    bend: (genuine) => {
      const inner = bytesOf(genuine);
      const outer = length(goingOn(genuine), `content-length: ${inner.length}`);
      return Buffer.concat([
        bytesOf({ ...outer, body: inner }),
        bytesOf(withHeader(genuine, 'authorization')),
      ]);
    },
    statuses: [400, 401],
  },
  {
    name: 'twenty pipelined requests, of which one has its token',
    bend: (genuine) => {
      const forged = bytesOf(withHeader(goingOn(genuine), 'authorization'));
      const last = bytesOf(withHeader(genuine, 'authorization'));
      const nine = Array.from({ length: 9 }, () => forged);
      return Buffer.concat([...nine, bytesOf(goingOn(genuine)), ...nine, last]);
    },
    statuses: Array.from({ length: 20 }, (_, index) => (index === 9 ? 200 : 401)),
    handled: true,
  },
];

export const appCases: readonly Case[] = [...lengths, ...conflicts, ...syntax, ...compressed, ...allowed];
