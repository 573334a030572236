import { expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { MAX_BODY_BYTES } from '../../../shared/delivery/read-body.ts';
import { Outage, reject } from '../../../shared/errors.ts';
import { manualClock } from '../../clock.ts';
import { accepting, callEvent, checking, doorOf, LEASE_SECONDS, posted } from '../../support/door.ts';

const event = JSON.stringify([callEvent()]);
const tooLarge = { body: event.padEnd(MAX_BODY_BYTES + 1) };
const refusing = { checks: [checking('key', () => reject('callback-key-forged'))] };
const failing = { handlers: { otherwise: () => Promise.reject(new Error('broken')) } };

/** Everything that can be wrong with a delivery, in the order in which it is looked at. */
const wrongs = [
  { what: 'the size', status: 413, reason: 'body-too-large', sent: tooLarge },
  { what: 'a check', status: 401, reason: 'callback-key-forged', door: refusing },
  {
    what: 'the content type',
    status: 415,
    reason: 'content-type',
    sent: { headers: { 'content-type': 'text/plain' } },
  },
  { what: 'the body', status: 400, reason: 'not-json', sent: { body: `${event}]` } },
  { what: 'a binding', status: 401, reason: 'reference-of-another-call', bound: true },
  { what: 'the claim', status: 503, reason: 'delivery-in-progress', claimed: true },
  { what: 'the handler', status: 500, reason: 'handler-threw', door: failing },
] as const;
type Wrong = { -readonly [Key in keyof (typeof wrongs)[number]]: (typeof wrongs)[number][Key] } & {
  readonly sent?: Parameters<typeof posted>[0];
  readonly door?: Parameters<typeof doorOf>[0];
  readonly bound?: boolean;
  readonly claimed?: boolean;
};

async function delivered(...given: readonly Wrong[]) {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const keys: string[] = [];
  const binding = {
    name: 'reference',
    value: 'this',
    seconds: 60,
    mode: 'enforce',
    conflict: 'reference-of-another-call',
  } as const;
  const door = doorOf({
    clock,
    ledger,
    replayRules: () => [binding],
    ...Object.assign({}, ...given.map((wrong) => wrong.door)),
  });
  if (given.some(({ bound }) => bound)) await ledger.putIfAbsent('reference', 'another', 60);
  if (given.some(({ claimed }) => claimed)) {
    // Somebody else is at it: learned from the handler of a first delivery what the event is called.
    const first = doorOf({
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
  const { answer, line } = await door.deliver(posted(sent));
  return { status: answer.status, reason: line?.reason };
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

test('the checks are asked in their order, and an outage of one does not wait for a refusal of the next', async () => {
  const outage = checking('first', () => Promise.reject(new Outage('keys-unavailable')));
  const refusal = checking('second', () => reject('token-signature'));
  const { status, line } = await doorOf({ checks: [outage, refusal] }).deliver(posted());
  expect([status, line?.reason]).toEqual([503, 'keys-unavailable']);
  const other = await doorOf({ checks: [accepting, refusal, outage] }).deliver(posted());
  expect([other.status, other.line?.reason]).toEqual([401, 'token-signature']);
});

test('a check sees the bytes, the headers and the URL as they came', async () => {
  const body = Buffer.from([0x5b, 0xff, 0x00, 0x5d]);
  const seen: unknown[] = [];
  const looking = checking('looking', async (request) => {
    seen.push([...request.body], request.headers.get('X-Odd'), request.url.href);
    reject('token-missing');
  });
  const url = 'https://app.example/api?key=a%2Eb&key=c';
  await doorOf({ checks: [looking] }).deliver(posted({ body, headers: { 'x-odd': 'a, b' }, url }));
  expect(seen).toEqual([[...body], 'a, b', url]);
});
