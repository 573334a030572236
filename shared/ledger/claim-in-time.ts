import { isPending } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import { orOutage } from '../async.ts';
import type { Acquisition } from './ledger.ts';

/**
 * Waits for a claim no longer than the signal allows. One that comes later is given back: it must not keep others from
 * what it claims.
 */
export function acquireInTime(claiming: Awaitable<Acquisition>, signal: AbortSignal): Awaitable<Acquisition> {
  return isPending(claiming) ? inTime(claiming, signal) : claiming;
}

async function inTime(claiming: Promise<Acquisition>, signal: AbortSignal): Promise<Acquisition> {
  try {
    return await orOutage(claiming, signal, 'ledger-unavailable');
  } catch (thrown) {
    void giveBack(claiming);
    throw thrown;
  }
}

async function giveBack(claiming: Promise<Acquisition>): Promise<void> {
  try {
    const claim = await claiming;
    if (claim.state === 'acquired') await claim.lease.release();
  } catch {
    // Then it runs out with its lease.
  }
}
