import type { Duplex } from 'node:stream';
import type { Clock } from '../shared/clock.ts';
import { deadline } from '../shared/async.ts';

/** The connections that have not proved anything yet. */
export type Lobby = {
  /** A connection was made: it has some time to say what it wants. */
  enter(socket: Duplex): void;
  /** It has asked to be let in, and is being looked at. */
  judging(socket: Duplex): void;
  /** It was let in. */
  leave(socket: Duplex): void;
  /** It was turned away: its answer is out, and it is given a moment to read it. */
  dismiss(socket: Duplex): void;
  /** Sends everybody away who is not being looked at. */
  clear(): void;
  size(): number;
};

/** How long somebody who was turned away may take to read why and go, in milliseconds. */
const FAREWELL = 1000;

/**
 * Bounded: when one more comes than there is room for, the one goes that has waited longest, first among those who were
 * turned away, then among those who have not said a word. So whoever only holds connections open keeps nobody out; a
 * genuine sender says at once what it wants.
 *
 * @param capacity connections at most
 * @param headerSeconds how long a connection may take to send its request
 */
export function lobby(options: { capacity: number; headerSeconds: number; clock: Clock }): Lobby {
  const { capacity, headerSeconds, clock } = options;
  const dismissed = new Set<Duplex>();
  const silent = new Set<Duplex>();
  const judged = new Set<Duplex>();
  const timers = new WeakMap<Duplex, () => void>();
  const size = () => dismissed.size + silent.size + judged.size;

  function forget(socket: Duplex): void {
    for (const group of [dismissed, silent, judged]) group.delete(socket);
    timers.get(socket)?.();
    timers.delete(socket);
  }

  function remove(socket: Duplex): void {
    forget(socket);
    socket.destroy();
  }

  function destroyAfter(socket: Duplex, milliseconds: number): void {
    const limit = deadline(clock, milliseconds);
    limit.signal.addEventListener('abort', () => remove(socket), { once: true });
    timers.set(socket, limit.clear);
  }

  return {
    enter(socket) {
      if (size() >= capacity) {
        const [oldest] = dismissed.size > 0 ? dismissed : silent;
        // All of them are being looked at: then it is the newcomer who goes.
        if (!oldest) return void socket.destroy();
        remove(oldest);
      }
      silent.add(socket);
      destroyAfter(socket, headerSeconds * 1000);
      socket.once('close', () => forget(socket));
    },
    judging(socket) {
      forget(socket);
      judged.add(socket);
    },
    leave: forget,
    dismiss(socket) {
      forget(socket);
      dismissed.add(socket);
      destroyAfter(socket, FAREWELL);
    },
    clear() {
      for (const socket of [...dismissed, ...silent]) remove(socket);
    },
    size,
  };
}
