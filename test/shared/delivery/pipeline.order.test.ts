import { expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { MAX_BODY_BYTES } from '../../../shared/delivery/body.ts';
import { Outage, reject } from '../../../shared/errors.ts';
import { manualClock } from '../../clock.ts';
import { accepting, callEvent, checking, pipelineOf, LEASE_SECONDS, posted } from '../../support/pipeline.ts';

const event = JSON.stringify([callEvent()]);
const tooLarge = { body: event.padEnd(MAX_BODY_BYTES + 1) };
const refusing = { checks: [checking('key', async () => reject('callback-key-forged'))] };
const failing = { handlers: { otherwise: () => Promise.reject(new Error('broken')) } };

/** Everything that can be wrong with a delivery, in the order in which it is looked at. */
const wrongs = [
  { what: 'the size', status: 413, reason: 'body-too-large', sent: tooLarge },
  { what: 'a check', status: 401, reason: 'callback-key-forged', part: refusing },
  {
    what: 'the content type',
    status: 415,
    reason: 'content-type',
    sent: { headers: { 'content-type': 'text/plain' } },
  },
  { what: 'the body', status: 400, reason: 'not-json', sent: { body: `${event}]` } },
  { what: 'a replay rule', status: 401, reason: 'reference-of-another-call', known: true },
  { what: 'the lease', status: 503, reason: 'delivery-in-progress', leased: true },
  { what: 'the handler', status: 500, reason: 'handler-threw', part: failing },
] as const;
type Wrong = { -readonly [Key in keyof (typeof wrongs)[number]]: (typeof wrongs)[number][Key] } & {
  readonly sent?: Parameters<typeof posted>[0];
  readonly part?: Parameters<typeof pipelineOf>[0];
  readonly known?: boolean;
  readonly leased?: boolean;
};

async function delivered(...given: readonly Wrong[]) {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const keys: string[] = [];
  const rule = {
    name: 'reference',
    value: 'this',
    seconds: 60,
    mode: 'enforce',
    conflict: 'reference-of-another-call',
  } as const;
  const { deliver } = pipelineOf({
    clock,
    ledger,
    delivery: { replayRules: () => [rule] },
    ...Object.assign({}, ...given.map((wrong) => wrong.part)),
  });
  if (given.some(({ known }) => known)) await ledger.putIfAbsent('reference', 'another', 60);
  if (given.some(({ leased }) => leased)) {
    // The handler of a first delivery learns the key of the event, which another instance then leases.
    const first = pipelineOf({
      clock,
      ledger,
      handlers: {
        otherwise: (_event, { idempotencyKey }) => {
          keys.push(idempotencyKey);
          throw new Error('again');
        },
      },
    });
    await first.deliver(posted());
    await ledger.acquire({ key: keys[0] ?? '' }, LEASE_SECONDS);
  }
  // What is wrong earlier stands in the request last, so that it is not overwritten.
  const sent = Object.assign({}, ...given.toReversed().map((wrong) => wrong.sent));
  const { status, entry } = await deliver(posted(sent));
  return { status, reason: entry?.reason };
}

test('a delivery with nothing wrong is answered 200', async () => {
  expect(await delivered()).toEqual({ status: 200, reason: undefined });
});

test.each(wrongs as readonly Wrong[])(
  'a delivery with one thing wrong is told of it: $what',
  async (wrong) => {
    expect(await delivered(wrong)).toEqual({ status: wrong.status, reason: wrong.reason });
  },
);

const pairs = (wrongs as readonly Wrong[]).flatMap((first, index) =>
  (wrongs as readonly Wrong[]).slice(index + 1).map((second) => ({ first, second })),
);

test.each(pairs)(
  'of two things wrong the earlier one counts: $first.what before $second.what',
  async ({ first, second }) => {
    expect(await delivered(first, second)).toEqual({ status: first.status, reason: first.reason });
  },
);

test('the limit of an endpoint counts instead of the default', async () => {
  const maxBodyBytes = MAX_BODY_BYTES + 1;
  const { deliver } = pipelineOf({ maxBodyBytes });
  expect((await deliver(posted(tooLarge))).status).toBe(200);
  const { status, entry } = await deliver(posted({ body: event.padEnd(maxBodyBytes + 1) }));
  expect([status, entry?.reason]).toEqual([413, 'body-too-large']);
});

test('the checks are asked in their order, and an outage of one does not wait for a refusal of the next', async () => {
  const outage = checking('first', () => Promise.reject(new Outage('keys-unavailable')));
  const refusal = checking('second', async () => reject('token-signature'));
  const { status, entry } = await pipelineOf({ checks: [outage, refusal] }).deliver(posted());
  expect([status, entry?.reason]).toEqual([503, 'keys-unavailable']);
  const other = await pipelineOf({ checks: [accepting, refusal, outage] }).deliver(posted());
  expect([other.status, other.entry?.reason]).toEqual([401, 'token-signature']);
});

test('a check sees the bytes, the headers and the URL as they came', async () => {
  const body = Buffer.from([0x5b, 0xff, 0x00, 0x5d]);
  const seen: unknown[] = [];
  const looking = checking('looking', async (request) => {
    seen.push([...request.body], request.headers.get('X-Odd'), request.url.href);
    reject('token-missing');
  });
  const url = 'https://app.example/api?key=a%2Eb&key=c';
  await pipelineOf({ checks: [looking] }).deliver(posted({ body, headers: { 'x-odd': 'a, b' }, url }));
  expect(seen).toEqual([[...body], 'a, b', url]);
});
