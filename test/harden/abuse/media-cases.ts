import { gzipSync } from 'node:zlib';
import { bytesOf, headerOf, withHeader } from './wire.ts';
import type { Bent } from './wire.ts';

/** A genuine upgrade bent in one way; `status` is what the first answer to it has to be. */
export type MediaCase = {
  readonly name: string;
  readonly bend: (genuine: Bent) => Buffer;
  readonly status: number;
};

const refused = (name: string, status: number, bend: (genuine: Bent) => Bent): MediaCase => ({
  name,
  status,
  bend: (genuine) => bytesOf(bend(genuine)),
});
const added = (genuine: Bent, ...headers: readonly string[]) => ({
  ...genuine,
  headers: [...genuine.headers, ...headers],
});
const token = (genuine: Bent) => headerOf(genuine, 'authorization');

export const mediaCases: readonly MediaCase[] = [
  refused('two lengths', 400, (genuine) => added(genuine, 'content-length: 0', 'content-length: 2')),
  refused('a length and chunks', 400, (genuine) =>
    added(genuine, 'content-length: 2', 'transfer-encoding: chunked'),
  ),
  refused('a body, which the parser lets through', 400, (genuine) => ({
    ...added(genuine, 'content-length: 2'),
    body: Buffer.from('{}'),
  })),
  refused('chunks, which the parser lets through', 400, (genuine) =>
    added(genuine, 'transfer-encoding: chunked'),
  ),
  refused('a transfer encoding that nobody knows, which the parser lets through', 400, (genuine) =>
    added(genuine, 'transfer-encoding: xchunked'),
  ),
  refused('two hosts, which the parser lets through', 400, (genuine) =>
    added(genuine, 'host: other.example'),
  ),
  refused('no host, which the parser lets through', 400, (genuine) => withHeader(genuine, 'host')),
  refused('a second authorization', 401, (genuine) => added(genuine, 'authorization: Bearer x')),
  refused('the same authorization twice', 401, (genuine) => added(genuine, token(genuine))),
  refused('a second ticket', 401, (genuine) => ({
    ...genuine,
    line: genuine.line.replace(' HTTP/1.1', '&ticket=v1.x.x.1.x HTTP/1.1'),
  })),
  refused('a whole URL for a target', 404, (genuine) => ({
    ...genuine,
    line: genuine.line.replace(' /', ' http://media.example/'),
  })),
  refused('a target with dots', 404, (genuine) => ({
    ...genuine,
    line: genuine.line.replace('/media', '/./media'),
  })),
  refused('a POST', 400, (genuine) => ({ ...genuine, line: genuine.line.replace('GET', 'POST') })),
  refused('HTTP/1.0, which the parser lets through', 400, (genuine) => ({
    ...genuine,
    line: genuine.line.replace('HTTP/1.1', 'HTTP/1.0, which the parser lets through'),
  })),
  refused('an upgrade to h2c', 400, (genuine) => withHeader(genuine, 'upgrade', 'upgrade: h2c')),
  refused('two keys of the handshake', 400, (genuine) =>
    added(genuine, headerOf(genuine, 'sec-websocket-key')),
  ),
  refused('a space before the colon', 400, (genuine) =>
    withHeader(genuine, 'authorization', token(genuine).replace(':', ' :')),
  ),
  refused('a folded header', 400, (genuine) =>
    withHeader(genuine, 'authorization', token(genuine).replace(' Bearer ', ' Bearer\r\n ')),
  ),
  refused('a zero byte in a header', 400, (genuine) => added(genuine, 'x-a: a\0b')),
  refused('a header of 64 KiB', 431, (genuine) => added(genuine, `x-a: ${'a'.repeat(65_536)}`)),
  refused('five thousand headers', 431, (genuine) =>
    added(genuine, ...Array.from({ length: 5000 }, (_, index) => `x-${index}: a`)),
  ),
  refused('rubbish', 400, (genuine) => ({ ...genuine, line: '\x16\x03\x01\x02\x00\x01', headers: [] })),
  refused('a forged upgrade with a body in gzip behind it', 401, (genuine) => ({
    ...withHeader(genuine, 'authorization'),
    body: gzipSync(Buffer.alloc(1 << 20)),
  })),
  {
    name: 'a genuine upgrade pipelined behind a forged one',
    status: 401,
    bend: (genuine) => Buffer.concat([bytesOf(withHeader(genuine, 'authorization')), bytesOf(genuine)]),
  },
];
