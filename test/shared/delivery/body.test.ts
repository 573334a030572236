import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_BODY_BYTES, readBody } from '../../../shared/delivery/body.ts';
import { isUnsettled, manualClock } from '../../clock.ts';

/** On a clock that stands still. */
const read = (request: Parameters<typeof readBody>[0]) => readBody(request, 'POST', manualClock());

type Source = {
  readonly chunks?: readonly Uint8Array[];
  readonly length?: string;
  readonly end?: 'close' | 'break' | 'hang';
};

/** A body as a platform streams it, and what became of the stream. */
function incoming({ chunks = [], length, end = 'close' }: Source) {
  let pulled = 0;
  let cancelled: { reason: unknown } | undefined;
  const rest = [...chunks];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = rest.shift();
        if (chunk) {
          pulled++;
          controller.enqueue(chunk);
        } else if (end === 'close') controller.close();
        else if (end === 'break') controller.error(new Error('connection lost'));
      },
      cancel: (reason) => void (cancelled = { reason }),
    },
    { highWaterMark: 0 },
  );
  const headers = new Headers(length === undefined ? {} : { 'content-length': length });
  return {
    request: { url: 'https://app.example/', headers, body },
    pulled: () => pulled,
    cancelled: () => cancelled,
  };
}

const bytes = (size: number) => new Uint8Array(size).fill(7);

test('a body arrives byte for byte, however it is cut', async () => {
  const cuts = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(cuts, async (chunks) => {
      expect(await read(incoming({ chunks }).request)).toEqual(Buffer.concat(chunks));
    }),
  );
});

test('a chunk is done with once it is read: a body of many small ones is not kept as many small objects', async () => {
  const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  // One object for all of them, so that whoever keeps it ends up with its last byte alone.
  const chunk = new Uint8Array(1);
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent === body.length) return controller.close();
        chunk[0] = body[sent++] ?? 0;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  const request = { url: 'https://app.example/', headers: new Headers(), body: stream };
  expect(body.equals((await read(request)) as Buffer)).toBe(true);
});

test('no body is an empty one', async () => {
  const { request } = incoming({});
  expect(await read({ ...request, body: null })).toHaveLength(0);
  expect(await read(request)).toHaveLength(0);
});

test('the body of a GET has no meaning and is not read', async () => {
  const { request, pulled } = incoming({
    chunks: [bytes(1)],
    length: String(MAX_BODY_BYTES + 1),
    end: 'hang',
  });
  expect(await readBody(request, 'GET', manualClock())).toHaveLength(0);
  expect(pulled()).toBe(0);
});

test.each([
  ['in one piece', [MAX_BODY_BYTES]],
  ['in two', [MAX_BODY_BYTES - 1, 1]],
])('a body of exactly the limit is taken %s', async (_how, sizes) => {
  expect(await read(incoming({ chunks: sizes.map(bytes) }).request)).toHaveLength(MAX_BODY_BYTES);
});

test.each([
  ['in one piece', [MAX_BODY_BYTES + 1]],
  ['with its last byte', [MAX_BODY_BYTES, 1]],
])('a body over the limit is not taken, and the rest of it is not read: %s', async (_how, sizes) => {
  const { request, pulled, cancelled } = incoming({ chunks: [...sizes.map(bytes), bytes(1), bytes(1)] });
  expect(await read(request)).toBe('body-too-large');
  expect(pulled()).toBe(sizes.length);
  expect(cancelled()).toBeDefined();
});

test('an endpoint can take larger bodies, and no larger ones than it says', async () => {
  const limit = MAX_BODY_BYTES + 100;
  const readLarger = (source: Source) => readBody(incoming(source).request, 'POST', manualClock(), limit);
  const exactly = [bytes(MAX_BODY_BYTES), bytes(100)];
  expect(await readLarger({ chunks: exactly, length: String(limit) })).toHaveLength(limit);
  expect(await readLarger({ chunks: [...exactly, bytes(1)] })).toBe('body-too-large');
  expect(await readLarger({ chunks: [], length: String(limit + 1) })).toBe('body-too-large');
});

test('a body that says it is over the limit is not read at all', async () => {
  const { request, pulled } = incoming({ chunks: [bytes(1)], length: String(MAX_BODY_BYTES + 1) });
  expect(await read(request)).toBe('body-too-large');
  expect(pulled()).toBe(0);
});

test.each(['0', '1', '-1', '', 'NaN', 'one', '1,1', String(MAX_BODY_BYTES)])(
  'what a body says of its length otherwise has no say: %j',
  async (length) => {
    const over = incoming({ chunks: [bytes(MAX_BODY_BYTES), bytes(1)], length });
    expect(await read(over.request)).toBe('body-too-large');
    expect(await read(incoming({ chunks: [bytes(3)], length }).request)).toHaveLength(3);
  },
);

test('a body that breaks off is unreadable, not a shorter body', async () => {
  const { request } = incoming({ chunks: [bytes(3)], end: 'break' });
  expect(await read(request)).toBe('body-unreadable');
});

test('a body that does not end within five seconds is unreadable, and is let go', async () => {
  const clock = manualClock();
  const { request, cancelled } = incoming({ chunks: [bytes(3)], end: 'hang' });
  const body = readBody(request, 'POST', clock);
  await clock.advance(4999);
  expect([await isUnsettled(body), cancelled()]).toEqual([true, undefined]);
  await clock.advance(1);
  expect(await body).toBe('body-unreadable');
  expect(cancelled()).toBeDefined();
});

test('a body that was read leaves no timer behind', async () => {
  const clock = manualClock();
  for (const end of ['close', 'break'] as const) {
    await readBody(incoming({ chunks: [bytes(3)], end }).request, 'POST', clock);
    expect(clock.sleepers()).toBe(0);
  }
});

test('a body that somebody else reads is unreadable', async () => {
  const { request } = incoming({ chunks: [bytes(3)] });
  request.body.getReader();
  expect(await read(request)).toBe('body-unreadable');
});
