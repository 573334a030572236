import type { WebSocket } from 'ws';
import type { Clock } from '../../shared/clock.ts';
import type { MediaPurpose, MediaSession } from '../../shared/events/media.ts';
import { audioMessage, stopMessage } from '../outbound.ts';
import { inbox } from './inbox.ts';
import { intake } from './intake.ts';

export type SocketLimits = {
  readonly framesPerSecond: number;
  readonly queuedBytes: number;
  readonly heartbeatSeconds: number;
  readonly idleSeconds: number;
};

/** Why a socket was closed, for the log. */
export type Cause =
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

/** How a socket ended. */
export type SocketEnd = { readonly code: number; readonly cause: Cause };

/** An open socket, as the host holds it. */
export type OpenSession = {
  readonly session: MediaSession;
  /** Closes the socket: the first one to say so is who is named in the log. */
  readonly end: (code: number, cause: Cause) => void;
  /** Cuts the connection: for a peer that would not hear a word. */
  readonly cut: (cause: Cause) => void;
  readonly ping: () => void;
  /** Aborted when the socket is closed. */
  readonly signal: AbortSignal;
  readonly closed: Promise<SocketEnd>;
  /** Milliseconds since the peer was last heard, since its last frame, and since a slow handler took one. */
  readonly quiet: () => { heard: number; frame: number; untaken: number };
  readonly counts: () => Readonly<Record<'framesIn' | 'bytesIn' | 'framesOut' | 'unreadable', number>>;
};

/** What may wait to be sent on one socket, in bytes: a handler that does not await `send` is stopped here. */
const MAX_OUTBOUND_BYTES = 16 * 2 ** 20;

export function openSession(
  ws: WebSocket,
  about: { reference: string; purpose: MediaPurpose; callConnectionId: string | undefined },
  limits: SocketLimits,
  clock: Clock,
): OpenSession {
  const over = new AbortController();
  const closed = Promise.withResolvers<SocketEnd>();
  const reading = intake(ws, limits.framesPerSecond, clock, over.signal);
  const messages = inbox({
    limitBytes: limits.queuedBytes,
    clock,
    onFull: () => reading.hold('queue'),
    onRoom: () => reading.release('queue'),
  });
  let [heardAt, frameAt] = [clock.ticks(), clock.ticks()];
  let [framesIn, bytesIn, framesOut] = [0, 0, 0];
  let ending: SocketEnd | undefined;

  function end(code: number, cause: Cause, reason = ''): void {
    if (ending) return;
    ws.close(code, reason);
    ending = { code, cause };
    messages.discard();
    messages.end();
    // The peer's own closing frame has to be read.
    reading.open();
  }

  /** Resolves as well where there is nobody to send to any more: then the iteration ends, and the handler with it. */
  function write(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (ws.readyState !== ws.OPEN) return resolve();
      framesOut++;
      ws.send(text, () => resolve());
      if (ws.bufferedAmount > MAX_OUTBOUND_BYTES) end(1011, 'outbound-overflow');
    });
  }

  ws.on('message', (data: Buffer) => {
    heardAt = frameAt = clock.ticks();
    framesIn++;
    bytesIn += data.length;
    messages.put(data);
    reading.counted();
  });
  ws.on('pong', () => (heardAt = clock.ticks()));
  ws.on('ping', () => {
    heardAt = clock.ticks();
    reading.counted();
  });
  // `ws` closes the socket by itself, with the code that the standard has for it.
  ws.on('error', (fault: Error & { code?: string }) => {
    const isTooLarge = fault.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    ending ??= isTooLarge
      ? { code: 1009, cause: 'frame-too-large' }
      : { code: 1002, cause: 'protocol-error' };
    reading.open();
  });
  ws.on('close', (code) => {
    messages.end();
    over.abort();
    closed.resolve(ending ?? { code, cause: code === 1006 ? 'connection-lost' : 'peer-closed' });
  });

  return {
    session: {
      ...about,
      [Symbol.asyncIterator]: () => messages.frames,
      async send(pcm) {
        if (!(pcm instanceof Uint8Array)) throw new TypeError('audio to send is bytes: a Uint8Array');
        await write(audioMessage(pcm));
      },
      stop: () => write(stopMessage),
      close: (code = 1000, reason) => end(code, 'handler-closed', reason),
    },
    end: (code, cause) => end(code, cause),
    cut(cause) {
      ending ??= { code: 1006, cause };
      ws.terminate();
    },
    ping: () => {
      if (ws.readyState === ws.OPEN) ws.ping();
    },
    signal: over.signal,
    closed: closed.promise,
    quiet: () => {
      const now = clock.ticks();
      // What we did not read, nobody can be blamed for not having sent.
      const most = reading.isHeld() ? 0 : reading.heldUntilAgo();
      return {
        heard: Math.min(now - heardAt, most),
        frame: Math.min(now - frameAt, most),
        untaken: messages.isFull() ? messages.untakenFor() : 0,
      };
    },
    counts: () => ({ framesIn, bytesIn, framesOut, unreadable: messages.unreadable() }),
  };
}
