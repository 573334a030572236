import { measureMissedCall } from './metrics.ts';
import type { Note } from './note.ts';

/** Tells of a call that was delivered when it had stopped ringing: something on the way took too long. */
export function tellMissedCall(note: Note): void {
  measureMissedCall();
  note('warn', 'call-missed', {
    why: 'the event came later than a call rings; the handler was told so with ring.missed',
  });
}
