import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IncomingRequest } from '../../../shared/delivery/body.ts';
import type { Delivery } from '../../../shared/delivery/endpoint.ts';
import { handled, refusalFor } from '../../../shared/delivery/response.ts';
import { Outage, Rejection } from '../../../shared/errors.ts';
import { callEvents } from '../../../shared/providers/call-automation.ts';
import type { VerifiedCallEvent } from '../../../shared/providers/call-automation.ts';
import { reasons } from '../../../shared/reasons.ts';
import type { Reason } from '../../../shared/reasons.ts';
import { manualClock } from '../../clock.ts';
import { callEvent, pipelineOf } from '../../support/pipeline.ts';

const possible = [handled, ...Object.keys(reasons).map((reason) => refusalFor(reason as Reason, 503))];

/** How a part of a delivery may go, whoever wrote it. */
const behaviour = fc.oneof(
  { arbitrary: fc.constant({ how: 'well' as const }), weight: 6 },
  { arbitrary: fc.constant({ how: 'hangs' as const }), weight: 1 },
  fc.anything().map((value) => ({ how: 'returns' as const, value })),
  fc
    .oneof(
      fc.string(),
      fc.constantFrom(
        undefined,
        null,
        new Error('e'),
        new Rejection('token-expired'),
        new Outage('keys-unavailable'),
      ),
    )
    .chain((value) => fc.constantFrom({ how: 'throws' as const, value }, { how: 'rejects' as const, value })),
);
type Behaviour = typeof behaviour extends fc.Arbitrary<infer Kind> ? Kind : never;

function act(one: Behaviour, well: () => unknown): never {
  if (one.how === 'throws') throw one.value;
  if (one.how === 'rejects') return Promise.reject(one.value) as never;
  if (one.how === 'hangs') return new Promise(() => {}) as never;
  return (one.how === 'returns' ? one.value : well()) as never;
}

/** What is well most of the time, so that there is a way through to the end. */
const mostly = <Value>(well: Value, otherwise: fc.Arbitrary<Value>) =>
  fc.oneof({ arbitrary: fc.constant(well), weight: 4 }, { arbitrary: otherwise, weight: 1 });

const bytes = mostly<Uint8Array>(
  Buffer.from(JSON.stringify([callEvent(), callEvent({ id: 'event-2' })])),
  fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  ),
);
const stream = fc
  .record({
    chunks: fc.oneof(fc.tuple(bytes), fc.array(bytes, { maxLength: 2 })),
    end: mostly('close', fc.constantFrom('error', 'hang')),
  })
  .map(
    ({ chunks, end }) =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(chunk);
          if (end === 'close') controller.close();
          if (end === 'error') controller.error(new Error('broken off'));
        },
      }),
  );
const request: fc.Arbitrary<IncomingRequest> = fc.record({
  url: mostly('https://app.example/', fc.string()),
  headers: fc
    .record(
      {
        'content-type': mostly('application/json', fc.string()),
        'content-length': fc.string(),
      },
      { requiredKeys: [] },
    )
    .map((headers) => ({ get: (name: string) => headers[name as keyof typeof headers] ?? null })),
  body: fc.option(stream, { nil: null, freq: 8 }),
});

test('whatever comes in and whatever fails, there is one of the responses of the table, by the timeout, and one log entry', async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      request,
      fc.array(behaviour, { maxLength: 2 }),
      mostly<Reason | 'throws' | undefined>(undefined, fc.constantFrom('no-events', 'throws')),
      behaviour,
      async (incoming, checks, parsing, handling) => {
        const clock = manualClock();
        const parse: Delivery<VerifiedCallEvent>['parse'] = (received, proof) => {
          if (parsing === 'throws') throw new Error('parser');
          return parsing ?? callEvents.parse(received, proof);
        };
        const { deliver } = pipelineOf({
          clock,
          checks: checks.map((check, index) => ({ name: `${index}`, run: () => act(check, () => ({})) })),
          delivery: { parse },
          handlers: { otherwise: () => act(handling, () => {}) },
        });
        const delivery = deliver(incoming);
        // Five seconds for the body and the time-out.
        await clock.advance(25_000);
        const { response, entries } = await delivery;
        statuses.add(response.status);
        expect(possible).toContainEqual(response);
        expect(entries()).toMatchObject([{ status: response.status }]);
        const fine = checks.every(({ how }) => how === 'well' || how === 'returns');
        if (!fine) expect([400, 401, 413, 503]).toContain(response.status);
      },
    ),
    { numRuns: 400 },
  );
  expect([...statuses].sort()).toEqual([200, 400, 401, 415, 500, 503]);
});
