import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ServerOptions } from 'ws';
import { deadline } from '../shared/async.ts';
import type { HttpResponse } from '../shared/delivery/response.ts';
import type { MediaHandler } from '../shared/events/media.ts';
import type { Dependency } from '../shared/health.ts';
import type { Reason } from '../shared/reasons.ts';
import type { CoreSettings } from '../shared/settings/table.ts';
import { deliveryRecord } from '../shared/telemetry/delivery-log.ts';
import type { DeliveryLog, Note } from '../shared/telemetry/delivery-log.ts';
import { authorizeUpgrade, connectionLimit } from './authorize-upgrade.ts';
import type { AuthorizedUpgrade, UpgradeOptions } from './authorize-upgrade.ts';
import { pendingConnections } from './pending-connections.ts';
import type { SocketLimits } from './session.ts';
import { openSockets } from './sockets.ts';
import { isUnambiguous, readUpgrade, refusal, respond } from './upgrade-request.ts';

export type HostLimits = SocketLimits & {
  readonly frameBytes: number;
  readonly sockets: number;
  readonly pendingConnections: number;
  readonly headerSeconds: number;
};

export const hostLimits = (settings: CoreSettings): HostLimits => ({
  frameBytes: settings.MEDIA_MAX_FRAME_BYTES,
  framesPerSecond: settings.MEDIA_MAX_FRAMES_PER_SECOND,
  queuedBytes: settings.MEDIA_MAX_QUEUED_BYTES,
  heartbeatSeconds: settings.MEDIA_HEARTBEAT_SECONDS,
  idleSeconds: settings.MEDIA_IDLE_SECONDS,
  sockets: settings.MEDIA_MAX_SOCKETS,
  pendingConnections: settings.MEDIA_MAX_UNPROVED,
  headerSeconds: settings.MEDIA_HEADER_SECONDS,
});

export type MediaHost = {
  readonly port: number;
  /** The number of open sockets. */
  readonly size: () => number;
  /** Refuses new sockets, gives open ones `graceSeconds` to end by themselves, then closes them with 1001. */
  readonly stop: (graceSeconds: number) => Promise<void>;
};

export const PATH = '/media';

/** Limits of one message. A genuine frame is one fragment in a few chunks. */
const MESSAGE_LIMITS = { maxFragments: 128, maxBufferedChunks: 1024 };
const CLOSE_TIMEOUT_MS = 5000;

/**
 * The WebSocket host. Verifies every upgrade before there is a WebSocket; nothing that a peer sends after its upgrade is
 * parsed before that.
 */
export async function startMediaHost(options: {
  upgrades: UpgradeOptions;
  handler: MediaHandler;
  limits: HostLimits;
  dependencies: readonly Pick<Dependency, 'isAvailable'>[];
  listenOn: { port: number; address?: string };
  log: DeliveryLog;
  note: Note;
}): Promise<MediaHost> {
  const { upgrades, handler, limits, dependencies, listenOn, log, note } = options;
  const { clock, leaseSeconds } = upgrades;
  const connections = connectionLimit(limits.sockets);
  const pending = pendingConnections({
    capacity: limits.pendingConnections,
    headerSeconds: limits.headerSeconds,
    clock,
  });
  const sockets = openSockets({ handler, limits, leaseSeconds, clock, log, note });
  const wsOptions: ServerOptions & typeof MESSAGE_LIMITS & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    // With compression a small frame could become a large one.
    perMessageDeflate: false,
    handleProtocols: () => false,
    closeTimeout: CLOSE_TIMEOUT_MS,
    ...MESSAGE_LIMITS,
  };
  const handshakes = new WebSocketServer(wsOptions);
  // Without a listener `ws` writes its own response to an invalid handshake. We respond in `upgrade`.
  handshakes.on('wsClientError', () => {});
  let isStopping = false;

  // The timeout of `pendingConnections` replaces Node's own, which ignores our clock.
  const server = createServer({ headersTimeout: 0, requestTimeout: 0 }, answer);
  server.on('connection', pending.add);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node removed its own listener, and an error without a listener ends the process.
    socket.on('error', () => socket.destroy());
    void upgrade(request, socket, head);
  });

  /** Answers a plain HTTP request: the health probe, or 404. */
  function answer({ method, url = '', socket }: IncomingMessage, response: ServerResponse): void {
    const isHealth = url.split('?', 1)[0] === '/health' && (method === 'GET' || method === 'HEAD');
    const status = isHealth ? (isReady() ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    const bodies = { 200: { status: 'ok' }, 503: { status: 'unavailable' }, 404: { error: 'not found' } };
    response.end(JSON.stringify(bodies[status]));
    pending.reject(socket);
  }

  /** Whether this instance could open a socket now, from what it knows already. */
  const isReady = () =>
    !isStopping && !connections.isReached() && dependencies.every((dependency) => dependency.isAvailable());

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!isUnambiguous(request)) return reject(socket, { status: 400 });
    const received = readUpgrade(request, PATH);
    if (!received) return reject(socket, { status: 404 });
    pending.verifying(socket);
    const record = deliveryRecord(upgrades, clock);
    const result = await authorizeUpgrade(upgrades, received, connections, record);
    const refused = typeof result === 'string' ? result : open(result, request, socket, head);
    if (refused) {
      reject(socket, refusal(refused));
      record.answered(refusal(refused).status, refused, log);
    } else {
      record.answered(101, undefined, log);
    }
  }

  /**
   * Completes the handshake. The session listens before this returns, so no frame is lost.
   *
   * @returns the reason if the socket cannot be opened
   */
  function open(
    authorized: AuthorizedUpgrade,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Reason | undefined {
    let isOpen = false;
    if (!isStopping) {
      handshakes.handleUpgrade(request, socket, head, (ws) => {
        isOpen = true;
        pending.remove(socket);
        sockets.open(ws, authorized);
      });
    }
    if (isOpen) return undefined;
    void release(authorized);
    return isStopping ? 'host-stopping' : 'upgrade-malformed';
  }

  async function release({ lease, releaseConnection }: AuthorizedUpgrade): Promise<void> {
    releaseConnection();
    try {
      await lease.release();
    } catch {
      // A lease that cannot be released expires by itself.
    }
  }

  function reject(socket: Duplex, response: HttpResponse): void {
    if (socket.destroyed) return pending.remove(socket);
    pending.reject(socket);
    respond(socket, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listenOn.port, listenOn.address, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    size: sockets.size,
    async stop(graceSeconds) {
      // We keep listening during the grace time, so that senders and the health probe get a 503.
      isStopping = true;
      if (graceSeconds > 0) {
        const grace = deadline(clock, graceSeconds * 1000);
        const expired = new Promise((resolve) => grace.signal.addEventListener('abort', resolve));
        await Promise.race([sockets.empty(), expired]);
        grace.clear();
      }
      await sockets.closeAll();
      server.close();
      pending.clear();
    },
  };
}
