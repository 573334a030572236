import { timingSafeEqual } from 'node:crypto';
import type { SecretVersion } from '../../shared/secrets/versions.ts';
import { mintCallbackKey } from '../../shared/verification/callback-key.ts';

/**
 * What the ticket in a target was minted for; nothing where no version minted it. A ticket does not say so itself, but its
 * MAC fits one purpose only.
 */
export function keyPurposes(target: string, versions: readonly SecretVersion[]): readonly string[] {
  const ticket = new URLSearchParams(target.split('?')[1] ?? '').get('ticket') ?? '';
  const [, , reference = '', expires = ''] = ticket.split('.');
  for (const version of versions) {
    for (const purpose of ['media', 'transcription'] as const) {
      const minted = mintCallbackKey(version, purpose, { reference, expires: Number(expires) });
      const [one, other] = [Buffer.from(minted), Buffer.from(ticket)];
      if (one.length === other.length && timingSafeEqual(one, other)) return [purpose];
    }
  }
  return [];
}
