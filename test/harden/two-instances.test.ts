import { expect, test } from 'vitest';
import type { LedgerOutage } from '../../shared/ledger/two-tier.ts';
import { counted, seed, tried } from './extent.ts';
import { play } from './two-instances.ts';
import type { Fault } from './two-instances.ts';

// What docs/delivery.md promises of two instances and one table, while one of them has a fault.
const RUNS = counted({ test: 10, short: 200, long: 5000 });
const FAULTS: readonly Fault[] = ['none', 'stalled', 'cut-off', 'slow-table', 'clock-off'];
const MODES: readonly LedgerOutage[] = ['proceed', 'refuse'];

test.each(FAULTS.flatMap((fault) => MODES.map((mode) => [fault, mode] as const)))(
  'one instance with a fault (%s), %s: nothing is lost, and the instance that lost its lease says so',
  async (fault, mode) => {
    const found: string[] = [];
    let [events, twice] = [0, 0];
    for (let run = 0; run < RUNS; run++) {
      const own = (seed + run) >>> 0;
      const { events: played, loggedLater } = await play(fault, mode, own);
      const again = played.filter(({ times }) => times > 1);
      events += played.length;
      twice += again.length;
      const notLogged = again.reduce((sum, { times, logged }) => sum + Math.max(0, times - 1 - logged), 0);
      const isWell = played.every(({ times, settled }) => times > 0 && settled) && notLogged <= loggedLater;
      if (!isWell) found.push(`seed ${own}: ${JSON.stringify({ played, loggedLater })}`);
    }
    const what = `two instances, fault of one: ${fault}, ${mode}: ${twice} of ${events} events handled twice`;
    tried({ what, times: RUNS, found });
    expect(found).toEqual([]);
    if (fault === 'none' || fault === 'clock-off') expect(twice).toBe(0);
  },
);
