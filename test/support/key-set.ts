import { Outage, Rejection } from '../../shared/errors.ts';
import { keyFetcher } from '../../shared/verification/discovery.ts';
import { keySet } from '../../shared/verification/key-set.ts';
import { onTestFinished } from 'vitest';
import { newSigningKey } from '../../local/fakes/token.ts';
import type { SigningKey } from '../../local/fakes/token.ts';
import { manualClock, settled } from '../clock.ts';
import { keysOf, startIssuer } from './issuer.ts';

export type Noted = {
  readonly level: string;
  readonly event: string;
  readonly fields: Record<string, unknown>;
};

/** Keys by name, made once: making one takes a while. */
const made = new Map<string, Promise<SigningKey>>();
export function signingKey(kid: string): Promise<SigningKey> {
  const key = made.get(kid) ?? newSigningKey(kid);
  made.set(kid, key);
  return key;
}

/** A key set of an issuer on loopback that lists the key `old`, on a clock of the test's own. */
export async function keySetOnLoopback(options: { maxStaleSeconds?: number; random?: () => number } = {}) {
  const { maxStaleSeconds = 86_400, random = () => 0 } = options;
  const clock = manualClock();
  const issuer = await startIssuer();
  onTestFinished(issuer.close);
  const old = await signingKey('old');
  issuer.at('/keys', keysOf(old));

  const fetchKeys = keyFetcher(issuer, clock, globalThis.fetch);
  let fetching: Promise<unknown> = Promise.resolve();
  const noted: Noted[] = [];
  const keys = keySet({
    name: issuer.issuer,
    fetchKeys: () => {
      const fetched = fetchKeys();
      fetching = fetched.catch(() => {});
      return fetched;
    },
    maxStaleSeconds,
    clock,
    random,
    note: (level, event, fields) => noted.push({ level, event, fields }),
  });

  /** What comes of looking for a key id: `found`, or the reason why not behind the kind of what was thrown. */
  async function ask(kid: string, signal: AbortSignal = new AbortController().signal): Promise<string> {
    try {
      const found = await keys.find(kid, signal);
      return found.length > 0 ? 'found' : 'nothing';
    } catch (thrown) {
      if (thrown instanceof Outage || thrown instanceof Rejection) return `${thrown.name}: ${thrown.reason}`;
      throw thrown;
    }
  }
  const askTimes = (times: number, kid: string | ((index: number) => string)) =>
    Promise.all(Array.from({ length: times }, (_, index) => ask(typeof kid === 'string' ? kid : kid(index))));

  /** Resolves when the last fetch that was begun has ended, in the background or not. */
  const idle = () => fetching.then(settled);

  return { clock, issuer, keys, noted, ask, askTimes, idle };
}

export const UNKNOWN = 'Rejection: token-key-unknown';
/** Not known, and nobody could find out yet. */
export const UNCONFIRMED = 'Outage: token-key-unconfirmed';
export const OUTAGE = 'Outage: keys-unavailable';
