import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ServerOptions } from 'ws';
import { orElse } from '../shared/awaitable.ts';
import { deadline } from '../shared/async.ts';
import type { MediaHandler } from '../shared/events/media.ts';
import type { Reason } from '../shared/reasons.ts';
import { deliveryRecord } from '../shared/telemetry/delivery-log.ts';
import type { DeliveryLog, Note } from '../shared/telemetry/delivery-log.ts';
import { admit } from './admission/admit.ts';
import type { Admission, Admitted } from './admission/admit.ts';
import { answerUpgrade, refusal } from './admission/refuse.ts';
import { seats as seatsFor } from './admission/seats.ts';
import { isUnambiguous, upgradeRequest } from './admission/upgrade-request.ts';
import type { Health } from './health.ts';
import { lobby as lobbyFor } from './lobby.ts';
import type { SocketLimits } from './session/session.ts';
import { sockets as socketsFor } from './sockets.ts';

export type HostLimits = SocketLimits & {
  readonly frameBytes: number;
  readonly sockets: number;
  readonly unproved: number;
  readonly headerSeconds: number;
};

export type MediaHost = {
  readonly port: number;
  readonly size: () => number;
  /**
   * Lets nobody in any more, gives the open sockets so many seconds to end by themselves, then closes them with 1001.
   */
  readonly stop: (graceSeconds: number) => Promise<void>;
};

export const PATH = '/media';

/** Of one message: a genuine frame comes in one fragment, and a handful of chunks. */
const PIECES = { maxFragments: 128, maxBufferedChunks: 1024 };
/** How long the closing handshake may take, in milliseconds. */
const CLOSING = 5000;

/**
 * The WebSocket host: an upgrade is let in or refused before there is a WebSocket, and nothing that comes over a socket is
 * looked at before.
 */
export async function startMediaHost(options: {
  admission: Admission;
  handler: MediaHandler;
  limits: HostLimits;
  health: Health;
  listenOn: { port: number; address?: string };
  log: DeliveryLog;
  note: Note;
}): Promise<MediaHost> {
  const { admission, handler, limits, health, listenOn, log, note } = options;
  const { clock, leaseSeconds } = admission;
  const seats = seatsFor(limits.sockets);
  const lobby = lobbyFor({ capacity: limits.unproved, headerSeconds: limits.headerSeconds, clock });
  const sockets = socketsFor({ handler, limits, leaseSeconds, clock, log, note });
  const wsOptions: ServerOptions & typeof PIECES & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    // Compression would let a small frame become a large one.
    perMessageDeflate: false,
    handleProtocols: () => false,
    closeTimeout: CLOSING,
    ...PIECES,
  };
  const handshakes = new WebSocketServer(wsOptions);
  // Whoever has come this far is genuine, but speaks no WebSocket.
  handshakes.on('wsClientError', () => {});
  let stopping = false;

  /** The lobby's own time-out takes the place of the server's, which goes by another clock. */
  const server = createServer({ headersTimeout: 0, requestTimeout: 0 }, answer);
  server.on('connection', lobby.enter);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Nobody else listens yet, and an error that nobody hears ends the process.
    socket.on('error', () => socket.destroy());
    void upgrade(request, socket, head);
  });

  function answer({ method, url = '', socket }: IncomingMessage, response: ServerResponse): void {
    const isHealth = url.split('?', 1)[0] === '/health' && (method === 'GET' || method === 'HEAD');
    const out = isHealth && (stopping || health.outage());
    const status = isHealth ? (out ? 503 : 200) : 404;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    const said = { 200: { status: 'ok' }, 503: { status: 'unavailable' }, 404: { error: 'not found' } };
    response.end(JSON.stringify(said[status]));
    lobby.dismiss(socket);
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!isUnambiguous(request)) return turnAway(socket, { status: 400 });
    const received = upgradeRequest(request, PATH);
    if (!received) return turnAway(socket, { status: 404 });
    lobby.judging(socket);
    const record = deliveryRecord('media', PATH.slice(1), clock);
    const result = await admit(admission, received, seats, record);
    const refused = typeof result === 'string' ? result : open(result, request, socket, head);
    if (refused) {
      turnAway(socket, refusal(refused));
      record.answered(refusal(refused).status, refused, log);
      health.met(refused);
    } else {
      record.answered(101, undefined, log);
      health.well();
    }
  }

  /** The handshake, and whoever listens, are there at once: no frame comes before. */
  function open(
    admitted: Admitted,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Reason | undefined {
    let opened = false;
    if (!stopping) {
      handshakes.handleUpgrade(request, socket, head, (ws) => {
        opened = true;
        lobby.leave(socket);
        sockets.open(ws, admitted);
      });
    }
    if (opened) return undefined;
    admitted.giveBack();
    // What cannot be given back runs out with its lease.
    void orElse(
      () => admitted.lease.release(),
      () => {},
    );
    return stopping ? 'host-stopping' : 'upgrade-malformed';
  }

  function turnAway(socket: Duplex, answer: Parameters<typeof answerUpgrade>[1]): void {
    if (socket.destroyed) return lobby.leave(socket);
    lobby.dismiss(socket);
    answerUpgrade(socket, answer);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listenOn.port, listenOn.address, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    size: sockets.size,
    async stop(graceSeconds) {
      // It goes on listening meanwhile: who comes is told that another instance may have room, and so is the probe.
      stopping = true;
      if (graceSeconds > 0) {
        const grace = deadline(clock, graceSeconds * 1000);
        const over = new Promise((resolve) => grace.signal.addEventListener('abort', resolve));
        await Promise.race([sockets.empty(), over]);
        grace.clear();
      }
      await sockets.closeAll();
      server.close();
      lobby.clear();
    },
  };
}
