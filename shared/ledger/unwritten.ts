import type { Clock } from '../clock.ts';
import { reasons } from '../reasons.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { REMEMBERED_SECONDS } from './ledger.ts';
import type { LedgerKey } from './ledger.ts';

/**
 * Writes a completion to the shared ledger: `later` where it has to be tried again, `lost` where another caller has the key or
 * completed it.
 */
type Write = () => Promise<'ours' | 'lost' | 'later'>;

/** What this process completed and could not tell the shared ledger yet. */
export type Unwritten = { add(key: LedgerKey, write: Write): void };

/** Pause between two attempts while the shared ledger does not answer: others leave its lease alone for one lease only. */
const RETRY_MS = 1000;
/** Writes in parallel: deliveries need the ledger too when it is back. */
const PARALLEL_WRITES = 8;
/** An entry takes less than a kibibyte, with a reply up to 33. */
const CAPACITY = 20_000;

/**
 * Keeps completions until the shared ledger has them or their key would be forgotten, and tries to write them once a second.
 * Past its capacity it drops the oldest: their events are handled again if their senders repeat them.
 */
export function unwrittenCompletions(clock: Clock, note: Note): Unwritten {
  type Entry = { readonly write: Write; readonly untilMs: number };
  const entries = new Map<string, Entry>();
  let running = false;

  async function writeAll(): Promise<void> {
    while (entries.size > 0) {
      await clock.sleep(RETRY_MS);
      const waiting = [...entries];
      // One alone first: during an outage the rest would only wait with it.
      let some = waiting.splice(0, 1);
      while (some.length > 0 && (await Promise.all(some.map(writeOne))).every(Boolean))
        some = waiting.splice(0, PARALLEL_WRITES);
    }
    running = false;
  }

  /** @returns whether the shared ledger answered */
  async function writeOne([key, entry]: [string, Entry]): Promise<boolean> {
    const isForgotten = clock.ticks() >= entry.untilMs;
    try {
      const outcome = isForgotten ? 'ours' : await entry.write();
      if (outcome === 'lost') note('warn', 'lease-lost', { why: reasons['lease-lost'].means });
      if (outcome !== 'later' && entries.get(key) === entry) entries.delete(key);
      return true;
    } catch {
      return false;
    }
  }

  return {
    add({ key, seconds = REMEMBERED_SECONDS }, write) {
      const [oldest] = entries.keys();
      if (entries.size >= CAPACITY && oldest !== undefined) entries.delete(oldest);
      entries.set(key, { write, untilMs: clock.ticks() + seconds * 1000 });
      if (running) return;
      running = true;
      void writeAll();
    },
  };
}
