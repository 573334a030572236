import type { WebSocket } from 'ws';
import type { Clock } from '../shared/clock.ts';
import type { MediaHandler } from '../shared/events/media.ts';
import type { DeliveryLog, Note } from '../shared/telemetry/delivery-log.ts';
import type { Admitted } from './admission/admit.ts';
import { ticketKey } from './admission/bindings.ts';
import { keepTicket } from './admission/keep-ticket.ts';
import { runHandler } from './session/run-handler.ts';
import { openSession } from './session/session.ts';
import type { OpenSession, SocketLimits } from './session/session.ts';
import { keepVigil } from './session/vigil.ts';

/** The sockets that are open on this instance. */
export type Sockets = {
  /** From the handshake on, a socket is here until it is closed. */
  open(ws: WebSocket, admitted: Admitted): void;
  size(): number;
  /** Asks every socket to close, and resolves when they all are. */
  closeAll(): Promise<void>;
  /** Resolves when none is open. */
  empty(): Promise<void>;
};

export function sockets(options: {
  handler: MediaHandler;
  limits: SocketLimits;
  leaseSeconds: number;
  clock: Clock;
  log: DeliveryLog;
  note: Note;
}): Sockets {
  const { handler, limits, leaseSeconds, clock, log, note } = options;
  const open = new Map<OpenSession, Promise<void>>();

  async function accompany(socket: OpenSession, admitted: Admitted): Promise<void> {
    const openedAt = clock.ticks();
    const { lease, proof } = admitted;
    const key = ticketKey(proof);
    void runHandler(handler, socket, key, log);
    void keepVigil(socket, limits, clock);
    const ended = socket.signal;
    const cause = await keepTicket({ lease, leaseSeconds, clock, ended });
    if (cause) socket.end(cause === 'ticket-lost' ? 1008 : 1013, cause);
    const end = await socket.closed;
    admitted.giveBack();
    const { purpose, reference } = socket.session;
    const seconds = Math.round((clock.ticks() - openedAt) / 10) / 100;
    note('info', 'media-socket-closed', { purpose, reference, ...end, seconds, ...socket.counts() });
  }

  return {
    open(ws, admitted) {
      const { reference = '', purpose = 'media' } = admitted.proof;
      const about = { reference, purpose, callConnectionId: admitted.callConnectionId };
      const socket = openSession(ws, about, limits, clock);
      open.set(
        socket,
        accompany(socket, admitted).finally(() => open.delete(socket)),
      );
    },
    size: () => open.size,
    async closeAll() {
      for (const socket of open.keys()) socket.end(1001, 'host-stopping');
      await Promise.all(open.values());
    },
    async empty() {
      while (open.size > 0) await Promise.all(open.values());
    },
  };
}
