import { setTimeout as wait } from 'node:timers/promises';
import type { Fleet } from '../../fleet.ts';

/** What may be out. */
export type Source = 'table' | 'issuer' | 'vault';

/**
 * How long after its return a source may still count as out, in milliseconds: the table is asked three times in a lease;
 * the others are left alone for as long as the back-off has come to, a minute and a half at most.
 */
const AFTERMATH: Readonly<Record<Source, number>> = { table: 10_000, issuer: 95_000, vault: 95_000 };
const LATE: readonly { note: string; source: Source }[] = [
  { note: '{"ringward":"keys-refresh-failed"', source: 'issuer' },
  { note: '{"ringward":"secret-refresh-failed"', source: 'vault' },
  { note: '{"ringward":"ledger-unavailable"', source: 'table' },
];
/** How long before the app says so a source may have been late, in milliseconds. */
const LATENESS = 10_000;

/** When each source was out, for as long as that may show in an answer. */
export function newOutages(fleet: Fleet) {
  const out = new Map<Source, { from: number; until: number }>();
  let heard = 0;
  let late = 0;

  /**
   * A machine that is busy lets a fake that is well answer too late, and the app says so; then its source is out as
   * much as if it had been taken away. Nothing else that the app says excuses it.
   */
  function listen(): void {
    const output = fleet.output();
    for (const line of output.slice(heard).split('\n')) {
      const source = LATE.find(({ note }) => line.includes(note) && line.includes('in time'))?.source;
      const window = source && out.get(source);
      if (!source || window?.until === Number.POSITIVE_INFINITY) continue;
      const until = Date.now() + AFTERMATH[source];
      if (window && window.until > Date.now()) window.until = until;
      else {
        late++;
        console.log(`  ${new Date().toISOString()} ${source} late by itself`);
        out.set(source, { from: Date.now() - LATENESS, until });
      }
    }
    heard = output.length;
  }

  return {
    /** @param milliseconds that the outage lasts */
    async play(
      source: Source,
      milliseconds: number,
      begin: () => unknown,
      end: () => unknown,
    ): Promise<void> {
      const before = out.get(source);
      // What nobody could learn since the last outage is as unknown in this one.
      const from = before && before.until > Date.now() ? before.from : Date.now();
      const window = { from, until: Number.POSITIVE_INFINITY };
      out.set(source, window);
      await begin();
      await wait(milliseconds);
      await end();
      window.until = Date.now() + AFTERMATH[source];
    },
    /** Whether a source was out at any time since then. */
    wasOut(source: Source, since: number): boolean {
      listen();
      return since <= (out.get(source)?.until ?? 0);
    },
    /** Whether that came to be while its source was out, or in the aftermath: nobody can know of it. */
    isStrange: (source: Source, since: number) =>
      since >= (out.get(source)?.from ?? Number.POSITIVE_INFINITY),
    /** Outages that nobody made. */
    late: () => late,
  };
}
