import type { WebSocket } from 'ws';
import type { Clock } from '../../shared/clock.ts';

/** Why nothing is read from a socket for now: its handler is slow, or its sender is fast. */
export type Hold = 'queue' | 'pace';

/**
 * Reads from a socket, or does not: what is not read waits with the sender, by TCP, and takes no memory here.
 */
export type Intake = {
  hold(why: Hold): void;
  release(why: Hold): void;
  /** Counts a message; beyond the pace, the rest of the second is waited out. */
  counted(): void;
  /** Whether nothing is read. */
  isHeld(): boolean;
  /** Milliseconds since the sender was last free to send and we to read. */
  heldUntilAgo(): number;
  /** Reads on for good, whatever held it: for a socket that is being closed. */
  open(): void;
};

/** @param signal aborted when the socket is closed */
export function intake(
  ws: Pick<WebSocket, 'pause' | 'resume'>,
  perSecond: number,
  clock: Clock,
  signal: AbortSignal,
): Intake {
  const holds = new Set<Hold>();
  let isOpen = false;
  let releasedAt = clock.ticks();
  let secondAt = clock.ticks();
  let inSecond = 0;

  function hold(why: Hold): void {
    if (isOpen) return;
    holds.add(why);
    ws.pause();
  }

  function release(why: Hold): void {
    if (!holds.delete(why) || holds.size > 0) return;
    releasedAt = clock.ticks();
    ws.resume();
  }

  return {
    hold,
    release,
    counted() {
      const now = clock.ticks();
      if (now - secondAt >= 1000) {
        secondAt = now;
        inSecond = 0;
      }
      inSecond++;
      if (inSecond < perSecond || holds.has('pace')) return;
      hold('pace');
      clock.sleep(secondAt + 1000 - now, signal).then(
        () => release('pace'),
        () => {},
      );
    },
    isHeld: () => holds.size > 0,
    heldUntilAgo: () => clock.ticks() - releasedAt,
    open() {
      isOpen = true;
      holds.clear();
      ws.resume();
    },
  };
}
