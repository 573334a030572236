import { connect } from 'node:net';

/** A request that was sent to the real Functions host, and what came back. */
export interface Recorded {
  readonly name: string;
  /** The bytes of the request, in parts. */
  readonly request: readonly Part[];
  /** `halfClose`: the client closes its side after sending. */
  readonly options?: { readonly halfClose?: boolean };
  readonly real: readonly RecordedAnswer[];
  /** `closed` by the host, or still open when nothing more came. */
  readonly ended: 'closed' | 'idle';
}

type Part = { readonly base64: string } | { readonly repeat: string; readonly times: number };

export interface RecordedAnswer {
  readonly status: number | null;
  /** Without framing, `Date` and `Server`, sorted. */
  readonly headers: readonly string[];
  /** What the echo function saw. */
  readonly seen?: Record<string, unknown>;
  readonly body?: string;
}

interface RawAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** Sent after the request on the same connection: a host that answers it kept the connection open. */
const PROBE = 'GET /api/health HTTP/1.1\r\nHost: probe\r\n\r\n';

/** Sends the request to a host and returns what comes back, in the form of the recording. */
export async function replay(
  url: string,
  { request, options, real }: Recorded,
): Promise<Pick<Recorded, 'real' | 'ended'>> {
  const { hostname, port } = new URL(url);
  const sent = Buffer.concat(request.map(bytesOf));
  const isHead = sent.subarray(0, 5).equals(Buffer.from('HEAD '));
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const closed = Promise.withResolvers<void>();
  let received = Buffer.alloc(0);
  let grown = Promise.withResolvers<void>();
  socket
    .on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      grown.resolve();
    })
    .on('error', () => {}) // 'close' follows
    .on('end', () => closed.resolve())
    .on('close', () => closed.resolve());
  socket.write(sent);
  if (options?.halfClose) socket.end();

  /** All answers once there are so many of them, or the host has closed the connection. */
  async function answers(count: number): Promise<RawAnswer[]> {
    for (;;) {
      const complete = answersIn(received, isHead);
      if (complete.length >= count) return complete;
      grown = Promise.withResolvers();
      const isClosed = await Promise.race([grown.promise.then(() => false), closed.promise.then(() => true)]);
      if (isClosed) return answersIn(received, isHead);
    }
  }

  await answers(real.length);
  if (!socket.writableEnded) socket.write(PROBE);
  const all = await answers(real.length + 1);
  socket.destroy();
  const isProbe = (answer: RawAnswer) => seenIn(answer)?.['url'] === 'http://probe/api/health';
  const isOpen = all.some(isProbe);
  return {
    real: all.filter((answer) => !isProbe(answer)).map(toRecorded),
    ended: isOpen ? 'idle' : 'closed',
  };
}

function bytesOf(part: Part): Buffer {
  return 'base64' in part ? Buffer.from(part.base64, 'base64') : Buffer.alloc(part.times, part.repeat);
}

/** The complete answers among the bytes. The host frames each by its length. */
function answersIn(bytes: Buffer, isHead: boolean): RawAnswer[] {
  const found: RawAnswer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) return found;
    const [statusLine = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n');
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    const status = Number(statusLine.split(' ')[1]);
    const hasBody = !(isHead && found.length === 0) && status !== 204 && status !== 304 && status >= 200;
    const length = hasBody ? Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0) : 0;
    at = end + 4 + length;
    if (at > bytes.length) return found;
    if (status >= 200) found.push({ status, headers, body: bytes.subarray(end + 4, at) });
  }
}

const notRecorded = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'server',
  'transfer-encoding',
]);
/** The local host adds them on purpose: docs/local-host.md. */
const ownHeaders = new Set(['x-ms-invocation-id']);

function toRecorded(answer: RawAnswer): RecordedAnswer {
  const headers = answer.headers
    .filter(([name]) => !notRecorded.has(name) && !ownHeaders.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort();
  const seen = seenIn(answer);
  if (seen) return { status: answer.status, headers, seen };
  const body = answer.body.toString();
  return { status: answer.status, headers, ...(body !== '' && { body }) };
}

function seenIn({ headers, body }: RawAnswer): Record<string, unknown> | undefined {
  if (!headers.some(([name, value]) => name === 'content-type' && value === 'application/json'))
    return undefined;
  return body.length === 0 ? undefined : JSON.parse(body.toString());
}
