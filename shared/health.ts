import type { Clock } from './clock.ts';

/** What lives elsewhere and is kept here: keys, secrets, the ledger. */
export type Part = {
  /** Fetches it ahead of its use. Never throws. */
  warm(): Promise<void>;
  /** Whether there is nothing to go by, as far as is known without asking. */
  isOut(): boolean;
};

/** How often a part that is out is asked for, in milliseconds. Its own back-off holds in any case. */
const LOOK_AGAIN = 5000;

/**
 * Fetches what is needed, and again what is out: an instance that says that it is not well is sent no requests, and without
 * requests it would never ask again.
 */
export async function keepParts(parts: readonly Part[], clock: Clock): Promise<never> {
  await Promise.all(parts.map((part) => part.warm()));
  for (;;) {
    await clock.sleep(LOOK_AGAIN);
    await Promise.all(parts.filter((part) => part.isOut()).map((part) => part.warm()));
  }
}
