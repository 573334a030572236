import type { Clock } from '../../shared/clock.ts';
import type { OpenSession, SocketLimits } from './session.ts';

/**
 * Watches over an open socket until it is closed: asks a silent peer for a sign of life and cuts one that gives none, and
 * closes a socket that nothing comes through, be it that nobody sends or that the handler takes nothing.
 */
export async function keepVigil(
  open: Pick<OpenSession, 'quiet' | 'ping' | 'cut' | 'end' | 'signal'>,
  limits: Pick<SocketLimits, 'heartbeatSeconds' | 'idleSeconds'>,
  clock: Clock,
): Promise<void> {
  const [heartbeat, idle] = [limits.heartbeatSeconds * 1000, limits.idleSeconds * 1000];
  const pause = Math.min(heartbeat, idle) / 2;
  let askedAt = Number.NEGATIVE_INFINITY;
  while (!open.signal.aborted) {
    try {
      await clock.sleep(pause, open.signal);
    } catch {
      return;
    }
    const { heard, frame, untaken } = open.quiet();
    if (heard >= 2 * heartbeat) open.cut('silent');
    else if (untaken >= idle) open.end(1011, 'handler-stalled');
    else if (frame >= idle) open.end(1008, 'idle');
    else if (heard >= heartbeat && clock.ticks() - askedAt >= heartbeat) {
      askedAt = clock.ticks();
      open.ping();
    }
  }
}
