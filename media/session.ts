import type { WebSocket } from 'ws';
import type { Clock } from '../shared/clock.ts';
import type { MediaPurpose, MediaSession } from '../shared/events/media.ts';
import { flowControl, frameQueue } from './backpressure.ts';
import { audioMessage, stopMessage } from './frames.ts';

export type SocketLimits = {
  readonly framesPerSecond: number;
  readonly queuedBytes: number;
  readonly heartbeatSeconds: number;
  readonly idleSeconds: number;
};

/** Why a socket was closed, for the log. */
export type CloseCause =
  | 'peer-closed'
  | 'connection-lost'
  | 'frame-too-large'
  | 'protocol-error'
  | 'handler-ended'
  | 'handler-closed'
  | 'handler-threw'
  | 'handler-stalled'
  | 'outbound-overflow'
  | 'silent'
  | 'idle'
  | 'ticket-lost'
  | 'ledger-unavailable'
  | 'host-stopping';

/** How a socket was closed. The code is that of RFC 6455, section 7.4. */
export type CloseResult = { readonly code: number; readonly cause: CloseCause };

/** An open socket as the host sees it; its handler sees only the `session`. */
export type OpenSession = {
  readonly session: MediaSession;
  /** Starts the closing handshake. The first caller's cause is logged. */
  readonly close: (code: number, cause: CloseCause) => void;
  /** Drops the connection without a closing handshake, for a peer that does not answer. */
  readonly terminate: (cause: CloseCause) => void;
  readonly ping: () => void;
  /** Aborts when the socket is closed. */
  readonly signal: AbortSignal;
  readonly closed: Promise<CloseResult>;
  /** Milliseconds since the peer sent anything, since its last frame, and since a stalled handler took a frame. */
  readonly idle: () => { peerMs: number; frameMs: number; handlerMs: number };
  readonly counts: () => Readonly<Record<'framesIn' | 'bytesIn' | 'framesOut' | 'unreadable', number>>;
};

/** Unsent data of one socket. A handler that does not await `send` must not fill the memory. */
const MAX_OUTBOUND_BYTES = 16 * 2 ** 20;

export function openSession(
  ws: WebSocket,
  about: { reference: string; purpose: MediaPurpose; callConnectionId: string | undefined },
  limits: SocketLimits,
  clock: Clock,
): OpenSession {
  const closing = new AbortController();
  const closed = Promise.withResolvers<CloseResult>();
  const flow = flowControl(ws, limits.framesPerSecond, clock, closing.signal);
  const queue = frameQueue({
    limitBytes: limits.queuedBytes,
    clock,
    onFull: () => flow.pause('queue'),
    onRoom: () => flow.resume('queue'),
  });
  let [heardAt, frameAt] = [clock.ticks(), clock.ticks()];
  let [framesIn, bytesIn, framesOut] = [0, 0, 0];
  let result: CloseResult | undefined;

  function close(code: number, cause: CloseCause, reason = ''): void {
    if (result) return;
    // Throws if a handler gave an invalid code, so it comes before the result is set.
    ws.close(code, reason);
    result = { code, cause };
    queue.discard();
    queue.end();
    // We have to read the peer's closing frame.
    flow.disable();
  }

  /** Resolves also if the socket is closed: the handler finds out when its iteration ends. */
  function write(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (ws.readyState !== ws.OPEN) return resolve();
      framesOut++;
      ws.send(text, () => resolve());
      if (ws.bufferedAmount > MAX_OUTBOUND_BYTES) close(1011, 'outbound-overflow');
    });
  }

  ws.on('message', (data: Buffer) => {
    heardAt = frameAt = clock.ticks();
    framesIn++;
    bytesIn += data.length;
    queue.push(data);
    flow.countMessage();
  });
  ws.on('pong', () => (heardAt = clock.ticks()));
  ws.on('ping', () => {
    heardAt = clock.ticks();
    flow.countMessage();
  });
  // `ws` closes the socket itself, with the code that RFC 6455 has for the error.
  ws.on('error', (error: Error & { code?: string }) => {
    const isTooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    result ??= isTooLarge
      ? { code: 1009, cause: 'frame-too-large' }
      : { code: 1002, cause: 'protocol-error' };
    flow.disable();
  });
  ws.on('close', (code) => {
    queue.end();
    closing.abort();
    closed.resolve(result ?? { code, cause: code === 1006 ? 'connection-lost' : 'peer-closed' });
  });

  return {
    session: {
      ...about,
      [Symbol.asyncIterator]: () => queue.frames,
      async send(pcm) {
        if (!(pcm instanceof Uint8Array)) throw new TypeError('audio to send is bytes: a Uint8Array');
        await write(audioMessage(pcm));
      },
      stop: () => write(stopMessage),
      close: (code = 1000, reason) => close(code, 'handler-closed', reason),
    },
    close: (code, cause) => close(code, cause),
    terminate(cause) {
      result ??= { code: 1006, cause };
      ws.terminate();
    },
    ping: () => {
      if (ws.readyState === ws.OPEN) ws.ping();
    },
    signal: closing.signal,
    closed: closed.promise,
    idle: () => {
      const now = clock.ticks();
      // While we pause reading, the peer is not idle.
      const maxMs = flow.isPaused() ? 0 : flow.msSinceResumed();
      return {
        peerMs: Math.min(now - heardAt, maxMs),
        frameMs: Math.min(now - frameAt, maxMs),
        handlerMs: queue.isFull() ? queue.msSinceLastTake() : 0,
      };
    },
    counts: () => ({ framesIn, bytesIn, framesOut, unreadable: queue.unreadable() }),
  };
}
