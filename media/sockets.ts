import { AsyncLocalStorage } from 'node:async_hooks';
import type { WebSocket } from 'ws';
import type { Clock } from '../shared/clock.ts';
import type { MediaHandler } from '../shared/events/media.ts';
import type { DeliveryLog, Note } from '../shared/telemetry/delivery-log.ts';
import type { AuthorizedUpgrade } from './authorize-upgrade.ts';
import { holdTicket } from './hold-ticket.ts';
import { openSession } from './session.ts';
import type { OpenSession, SocketLimits } from './session.ts';

/** The open sockets of this instance. */
export type Sockets = {
  /** Runs the handler for a new socket, and watches the socket until it is closed. */
  open(ws: WebSocket, authorized: AuthorizedUpgrade): void;
  size(): number;
  /** Closes every socket with 1001. Resolves when all are closed. */
  closeAll(): Promise<void>;
  /** Resolves when no socket is open. */
  empty(): Promise<void>;
};

export function openSockets(options: {
  handler: MediaHandler;
  limits: SocketLimits;
  leaseSeconds: number;
  clock: Clock;
  log: DeliveryLog;
  note: Note;
}): Sockets {
  const { handler, limits, leaseSeconds, clock, log, note } = options;
  const open = new Map<OpenSession, Promise<void>>();

  /** Resolves when the socket is closed. */
  async function serve(socket: OpenSession, authorized: AuthorizedUpgrade): Promise<void> {
    const openedAt = clock.ticks();
    const { lease, ticket } = authorized;
    void runHandler(handler, socket, ticket, log);
    void watchIdle(socket, limits, clock);
    const cause = await holdTicket({ lease, leaseSeconds, clock, closed: socket.signal });
    if (cause) socket.close(cause === 'ticket-lost' ? 1008 : 1013, cause);
    const result = await socket.closed;
    authorized.releaseConnection();
    const { purpose, reference } = socket.session;
    const seconds = Math.round((clock.ticks() - openedAt) / 10) / 100;
    note('info', 'media-socket-closed', { purpose, reference, ...result, seconds, ...socket.counts() });
  }

  return {
    open(ws, authorized) {
      const { reference = '', purpose = 'media' } = authorized.proof;
      const about = { reference, purpose, callConnectionId: authorized.callConnectionId };
      const socket = openSession(ws, about, limits, clock);
      open.set(
        socket,
        serve(socket, authorized).finally(() => open.delete(socket)),
      );
    },
    size: () => open.size,
    async closeAll() {
      for (const socket of open.keys()) socket.close(1001, 'host-stopping');
      await Promise.all(open.values());
    },
    async empty() {
      while (open.size > 0) await Promise.all(open.values());
    },
  };
}

/** The handler whose async context the running code belongs to. */
const currentHandler = new AsyncLocalStorage<{ fail(thrown: unknown): void }>();

/** Runs the user's handler for one socket. When the handler ends, only its own socket is closed. */
async function runHandler(
  handler: MediaHandler,
  open: Pick<OpenSession, 'session' | 'signal' | 'close'>,
  idempotencyKey: string,
  log: DeliveryLog,
): Promise<void> {
  const { session, signal, close } = open;
  const { reference, purpose } = session;
  function fail(thrown: unknown): void {
    // A handler that stops because its socket is closed has not failed.
    if (!(signal.aborted && thrown === signal.reason)) log.handlerThrew(purpose, thrown);
    close(1011, 'handler-threw');
  }
  await currentHandler.run({ fail }, async () => {
    try {
      await handler(session, { log: log.handler, signal, idempotencyKey, reference });
      close(1000, 'handler-ended');
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/**
 * Attributes an uncaught exception or rejection to the handler whose async context threw it, for example in a timer or a
 * promise that nobody awaits. Closes the socket of that handler.
 *
 * @returns false if no handler threw it
 */
export function attributeToHandler(thrown: unknown): boolean {
  const handler = currentHandler.getStore();
  handler?.fail(thrown);
  return handler !== undefined;
}

/**
 * Pings silent peers, drops those that do not answer, and closes sockets that are idle or whose handler has stalled. Ends
 * when the socket is closed.
 */
async function watchIdle(
  socket: Pick<OpenSession, 'idle' | 'ping' | 'terminate' | 'close' | 'signal'>,
  limits: Pick<SocketLimits, 'heartbeatSeconds' | 'idleSeconds'>,
  clock: Clock,
): Promise<void> {
  const [heartbeatMs, idleMs] = [limits.heartbeatSeconds * 1000, limits.idleSeconds * 1000];
  const intervalMs = Math.min(heartbeatMs, idleMs) / 2;
  let pingedAt = Number.NEGATIVE_INFINITY;
  while (!socket.signal.aborted) {
    try {
      await clock.sleep(intervalMs, socket.signal);
    } catch {
      return;
    }
    const { peerMs, frameMs, handlerMs } = socket.idle();
    if (peerMs >= 2 * heartbeatMs) socket.terminate('silent');
    else if (handlerMs >= idleMs) socket.close(1011, 'handler-stalled');
    else if (frameMs >= idleMs) socket.close(1008, 'idle');
    else if (peerMs >= heartbeatMs && clock.ticks() - pingedAt >= heartbeatMs) {
      pingedAt = clock.ticks();
      socket.ping();
    }
  }
}
