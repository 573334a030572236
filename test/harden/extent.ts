import { appendFileSync } from 'node:fs';

/** How much is tried: a little in `npm test`, more in `npm run harden`, and all that the documents tell of with `--long`. */
export type Extent = 'test' | 'short' | 'long';

/** A line of the table at the end of `npm run harden`. */
export type Tried = {
  readonly what: string;
  /** How often, where that can be counted. */
  readonly times: number;
  /** What came of it that should not have; nothing where it held. */
  readonly found: readonly string[];
};

const { HARDEN, HARDEN_SEED, HARDEN_REPORT } = process.env;

/** What this process was asked for; `npm run harden` says so in `HARDEN`. */
export const extent: Extent = HARDEN === 'short' || HARDEN === 'long' ? HARDEN : 'test';

export const counted = (counts: Readonly<Record<Extent, number>>): number => counts[extent];

/** Where everything random starts from, 32 bits: the one given in `HARDEN_SEED`, or any. Whoever uses it tells it when it fails. */
export const seed: number = HARDEN_SEED ? Number(HARDEN_SEED) >>> 0 : Math.floor(Math.random() * 2 ** 32);

/** Tells `npm run harden` a line of its table; elsewhere nobody listens. */
export function tried(row: Tried): void {
  if (HARDEN_REPORT) appendFileSync(HARDEN_REPORT, `${JSON.stringify(row)}\n`);
}
