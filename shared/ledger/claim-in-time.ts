import { isPending } from '../awaitable.ts';
import type { Awaitable } from '../awaitable.ts';
import { orAbort } from '../async.ts';
import type { Claim } from './ledger.ts';

/**
 * Waits for a claim no longer than the signal allows. One that comes later is given back: it must not keep others from
 * what it claims.
 */
export function claimInTime(claiming: Awaitable<Claim>, signal: AbortSignal): Awaitable<Claim> {
  return isPending(claiming) ? inTime(claiming, signal) : claiming;
}

async function inTime(claiming: Promise<Claim>, signal: AbortSignal): Promise<Claim> {
  try {
    return await orAbort(claiming, signal, 'ledger-unavailable');
  } catch (thrown) {
    void giveBack(claiming);
    throw thrown;
  }
}

async function giveBack(claiming: Promise<Claim>): Promise<void> {
  try {
    const claim = await claiming;
    if (claim.state === 'claimed') await claim.lease.release();
  } catch {
    // Then it runs out with its lease.
  }
}
