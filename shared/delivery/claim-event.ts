import type { Claim, Lease, Ledger } from '../ledger/ledger.ts';
import type { ProvedEvent } from './provider.ts';

/**
 * Claims an event, and what it has in common with other deliveries of the same thing. Either all of it is claimed or
 * nothing is.
 */
export async function claimEvent(
  { key, also }: Pick<ProvedEvent, 'key' | 'also'>,
  ledger: Ledger,
  leaseSeconds: number,
): Promise<Claim> {
  const own = await ledger.claim(key, leaseSeconds);
  if (own.state !== 'claimed' || !also) return own;
  const { lease } = own;
  try {
    const common = await ledger.claim(also.key, leaseSeconds);
    if (common.state === 'claimed')
      return { state: 'claimed', lease: both(lease, common.lease, also.seconds) };
    // Done through another delivery, so this one is done too; or being done, and free should that fail.
    await (common.state === 'done' ? lease.settle() : lease.release());
    return common;
  } catch (thrown) {
    await lease.release();
    throw thrown;
  }
}

function both(own: Lease, common: Lease, seconds: number): Lease {
  return {
    renew: async () => void (await Promise.all([own.renew(), common.renew()])),
    settle: async () => void (await Promise.all([own.settle(), common.settle(seconds)])),
    release: async () => void (await Promise.all([own.release(), common.release()])),
  };
}
