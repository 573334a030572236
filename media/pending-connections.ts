import type { Duplex } from 'node:stream';
import type { Clock } from '../shared/clock.ts';
import { deadline } from '../shared/async.ts';

/** The connections that have no WebSocket yet. */
export type PendingConnections = {
  /** Adds a new connection and starts the timeout for its request. */
  add(socket: Duplex): void;
  /** The request is here and is being verified: the timeout ends, and the connection cannot be evicted. */
  verifying(socket: Duplex): void;
  /** The upgrade succeeded or the connection is gone: it is not pending any more. */
  remove(socket: Duplex): void;
  /** The request was refused: the peer gets `CLOSE_GRACE_MS` to read the response. */
  reject(socket: Duplex): void;
  /** Destroys every connection that is not being verified. */
  clear(): void;
  size(): number;
};

/** Time to read the response and to close the connection. */
const CLOSE_GRACE_MS = 1000;

/**
 * A bounded set of pending connections. When full, evicts the oldest rejected connection, then the oldest that has sent no
 * request. So a peer that only holds connections open keeps nobody out: a genuine sender sends its request at once.
 *
 * @param options.capacity maximum number of connections
 * @param options.headerSeconds time that a connection has to send its request
 */
export function pendingConnections(options: {
  capacity: number;
  headerSeconds: number;
  clock: Clock;
}): PendingConnections {
  const { capacity, headerSeconds, clock } = options;
  const rejected = new Set<Duplex>();
  const silent = new Set<Duplex>();
  const beingVerified = new Set<Duplex>();
  const cancelTimers = new WeakMap<Duplex, () => void>();
  const size = () => rejected.size + silent.size + beingVerified.size;

  function remove(socket: Duplex): void {
    for (const group of [rejected, silent, beingVerified]) group.delete(socket);
    cancelTimers.get(socket)?.();
    cancelTimers.delete(socket);
  }

  function destroy(socket: Duplex): void {
    remove(socket);
    socket.destroy();
  }

  function destroyAfter(socket: Duplex, milliseconds: number): void {
    const limit = deadline(clock, milliseconds);
    limit.signal.addEventListener('abort', () => destroy(socket), { once: true });
    cancelTimers.set(socket, limit.clear);
  }

  return {
    add(socket) {
      if (size() >= capacity) {
        const [oldest] = rejected.size > 0 ? rejected : silent;
        // Every connection is being verified, so the new one has to go.
        if (!oldest) return void socket.destroy();
        destroy(oldest);
      }
      silent.add(socket);
      destroyAfter(socket, headerSeconds * 1000);
      socket.once('close', () => remove(socket));
    },
    verifying(socket) {
      remove(socket);
      beingVerified.add(socket);
    },
    remove,
    reject(socket) {
      remove(socket);
      rejected.add(socket);
      destroyAfter(socket, CLOSE_GRACE_MS);
    },
    clear() {
      for (const socket of [...rejected, ...silent]) destroy(socket);
    },
    size,
  };
}
