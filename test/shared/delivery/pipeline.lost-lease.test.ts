import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { twoTierLedger } from '../../../shared/ledger/two-tier.ts';
import type { LedgerOutage } from '../../../shared/ledger/two-tier.ts';
import { manualClock, settled } from '../../clock.ts';
import { LEASE_SECONDS, callEvent, pipelineOf, posted } from '../../support/pipeline.ts';
import { startTable, unique } from '../../support/table.ts';

// Two instances and one table, through the real SDK. One instance loses the lease of an event that it is handling.
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
afterEach(() => table.proxy.well());

/** An instance that reaches the table through the proxy, and one that does not, with the same event on both. */
async function pair(mode: LedgerOutage) {
  const clock = manualClock();
  const body = JSON.stringify([callEvent({ id: unique('event') })]);
  const begun = Promise.withResolvers<AbortSignal>();
  const ended = Promise.withResolvers<void>();
  const instance = async (
    url: string,
    otherwise: (event: unknown, context: { signal: AbortSignal }) => unknown,
  ) => {
    const shared = table.instance(clock, url).ledger;
    await shared.warm();
    const ledger = twoTierLedger(shared, memoryLedger(clock), mode, clock, () => {});
    return pipelineOf({ clock, ledger, handlers: { otherwise } });
  };
  const slow = await instance(table.proxy.url, (_event, { signal }) => {
    begun.resolve(signal);
    return ended.promise;
  });
  const other = await instance(table.azurite.url, () => {});
  // Both were available for the length of a lease.
  await clock.advance(LEASE_SECONDS * 1000);
  const delivery = slow.deliver(posted({ body }));
  const signal = await begun.promise;
  return { clock, delivery, signal, end: ended.resolve, again: () => other.deliver(posted({ body })) };
}

test.each<LedgerOutage>(['proceed', 'refuse'])(
  '%s: an instance that is cut off from the table alone stops when its lease is over, and answers 503',
  async (mode) => {
    const { clock, delivery, signal, end, again } = await pair(mode);
    table.proxy.next(...Array<number>(100).fill(403));
    for (let second = 1; second < LEASE_SECONDS; second++) {
      await clock.advance(1000);
      await settled();
    }
    expect(signal.aborted).toBe(false);
    await clock.advance(1000);
    expect(signal.aborted).toBe(true);
    const { status, entry, lost } = await delivery;
    expect([status, entry?.reason, lost]).toEqual([
      503,
      'lease-lost',
      ['Microsoft.Communication.CallConnected'],
    ]);
    expect((await again()).entry?.outcomes).toEqual({ handled: 1 });
    end();
  },
);

test.each([
  ['its timers', false],
  ['its handler', true],
])(
  'an instance that stood still while another took its event over says so, if %s go on first',
  async (_what, isHandlerFirst) => {
    const { clock, delivery, signal, end, again } = await pair('proceed');
    clock.stall(LEASE_SECONDS * 1000);
    expect((await again()).entry?.outcomes).toEqual({ handled: 1 });
    if (isHandlerFirst) end();
    else await clock.advance(0);
    const { status, entry, lost } = await delivery;
    expect([status, entry?.reason, lost.length, signal.aborted]).toEqual([503, 'lease-lost', 1, true]);
    end();
  },
);
