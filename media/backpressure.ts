import type { WebSocket } from 'ws';
import type { Clock } from '../shared/clock.ts';
import type { MediaFrame } from '../shared/events/media.ts';
import { parseFrame } from './frames.ts';

/*
 * A slow handler or a fast sender must not fill the memory. The queue of a socket is bounded; when it is full, or the
 * sender exceeds its rate, we pause reading and TCP makes the sender wait.
 */

/** Memory of a queued message beside its bytes, roughly: many small messages add up. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** The messages of one socket that wait for its handler. */
export type FrameQueue = {
  push(message: Buffer): void;
  /** Nothing more will be pushed; queued messages are still yielded. */
  end(): void;
  /** Drops what is queued and what is still pushed. */
  discard(): void;
  /** Yields the frames in their order. */
  readonly frames: AsyncIterableIterator<MediaFrame, undefined>;
  isFull(): boolean;
  /** Milliseconds since the handler last took a message. */
  msSinceLastTake(): number;
  /** How many messages could not be parsed. */
  unreadable(): number;
};

/**
 * @param options.limitBytes capacity of the queue
 * @param options.onFull called when the queue exceeds the limit
 * @param options.onRoom called when a full queue has shrunk to half of the limit
 */
export function frameQueue(options: {
  limitBytes: number;
  clock: Clock;
  onFull: () => void;
  onRoom: () => void;
}): FrameQueue {
  const { limitBytes, clock, onFull, onRoom } = options;
  const queued: Buffer[] = [];
  let bytes = 0;
  let isFull = false;
  let hasEnded = false;
  let isDiscarding = false;
  let unreadable = 0;
  let takenAt = clock.ticks();
  let change = Promise.withResolvers<void>();

  function notifyReader(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  function addBytes(added: number): void {
    bytes += added;
    if (!isFull && bytes > limitBytes) {
      isFull = true;
      onFull();
    } else if (isFull && bytes <= limitBytes / 2) {
      isFull = false;
      onRoom();
    }
  }

  /** Parses a message only now: messages that the handler never takes cost no time. */
  function take(message: Buffer): MediaFrame | undefined {
    takenAt = clock.ticks();
    addBytes(-(message.length + MESSAGE_OVERHEAD_BYTES));
    const frame = parseFrame(message.toString());
    if (!frame) unreadable++;
    return frame;
  }

  function discard(): void {
    isDiscarding = true;
    queued.length = 0;
    addBytes(-bytes);
  }

  const frames: AsyncIterableIterator<MediaFrame, undefined> = {
    [Symbol.asyncIterator]: () => frames,
    async next() {
      for (;;) {
        const message = queued.shift();
        const frame = message && take(message);
        if (frame) return { value: frame, done: false };
        if (message) continue;
        if (hasEnded) return { value: undefined, done: true };
        await change.promise;
      }
    },
    async return() {
      discard();
      return { value: undefined, done: true };
    },
  };

  return {
    push(message) {
      if (isDiscarding || hasEnded) return;
      queued.push(message);
      addBytes(message.length + MESSAGE_OVERHEAD_BYTES);
      notifyReader();
    },
    end() {
      hasEnded = true;
      notifyReader();
    },
    discard,
    frames,
    isFull: () => isFull,
    msSinceLastTake: () => clock.ticks() - takenAt,
    unreadable: () => unreadable,
  };
}

/** Why we pause reading: the handler is slow (`queue`), or the sender is fast (`rate`). */
export type PauseReason = 'queue' | 'rate';

/** Pauses and resumes reading from a socket. */
export type FlowControl = {
  pause(reason: PauseReason): void;
  /** Reading goes on when no reason to pause is left. */
  resume(reason: PauseReason): void;
  /** Counts a message. At `messagesPerSecond`, pauses reading until the second is over. */
  countMessage(): void;
  isPaused(): boolean;
  /** Milliseconds since reading was last resumed. */
  msSinceResumed(): number;
  /** Resumes reading for good: a socket that closes must read the peer's closing frame. */
  disable(): void;
};

/** @param closed aborts when the socket is closed */
export function flowControl(
  ws: Pick<WebSocket, 'pause' | 'resume'>,
  messagesPerSecond: number,
  clock: Clock,
  closed: AbortSignal,
): FlowControl {
  const reasons = new Set<PauseReason>();
  let isDisabled = false;
  let resumedAt = clock.ticks();
  let secondStartedAt = clock.ticks();
  let messagesInSecond = 0;

  function pause(reason: PauseReason): void {
    if (isDisabled) return;
    reasons.add(reason);
    ws.pause();
  }

  function resume(reason: PauseReason): void {
    if (!reasons.delete(reason) || reasons.size > 0) return;
    resumedAt = clock.ticks();
    ws.resume();
  }

  return {
    pause,
    resume,
    countMessage() {
      const now = clock.ticks();
      if (now - secondStartedAt >= 1000) {
        secondStartedAt = now;
        messagesInSecond = 0;
      }
      messagesInSecond++;
      if (messagesInSecond < messagesPerSecond || reasons.has('rate')) return;
      pause('rate');
      clock.sleep(secondStartedAt + 1000 - now, closed).then(
        () => resume('rate'),
        // The socket was closed meanwhile.
        () => {},
      );
    },
    isPaused: () => reasons.size > 0,
    msSinceResumed: () => clock.ticks() - resumedAt,
    disable() {
      isDisabled = true;
      reasons.clear();
      ws.resume();
    },
  };
}
