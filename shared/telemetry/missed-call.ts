import { measureMissedCall } from './metrics.ts';

/**
 * Tells of a call that was delivered when it had stopped ringing: something on the way took too long.
 *
 * @param log of the invocation
 */
export function tellMissedCall(log: (message: string) => void): void {
  measureMissedCall();
  const why = 'the event came later than a call rings; the handler was told so with ring.missed';
  log(JSON.stringify({ ringward: 'call-missed', why }));
}
