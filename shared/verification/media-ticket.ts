import type { Clock } from '../clock.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { callbackKey } from './callback-key.ts';
import type { Check } from './check.ts';
import { Rejection } from './verdict.ts';

/**
 * The ticket in the query string of a media socket: a callback key of the purpose `media` or `transcription`. Both come to
 * one address and a ticket does not say which of them it is, so the one whose MAC fits is what it was minted for.
 *
 * @param ttlSeconds how far ahead a ticket may expire
 * @param toleranceSeconds how much further, for clocks that differ
 */
export function mediaTicket(options: {
  ring: KeyRing;
  ttlSeconds: number;
  toleranceSeconds: number;
  clock: Clock;
}): Check {
  const parameter = 'ticket';
  const media = callbackKey({ ...options, parameter, purpose: 'media' });
  const transcription = callbackKey({ ...options, parameter, purpose: 'transcription' });
  return {
    name: 'media-ticket',
    async run(...request) {
      try {
        return { ...(await media.run(...request)), purpose: 'media' };
      } catch (thrown) {
        if (!(thrown instanceof Rejection && thrown.reason === 'callback-key-forged')) throw thrown;
      }
      return { ...(await transcription.run(...request)), purpose: 'transcription' };
    },
  };
}
