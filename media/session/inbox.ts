import type { Clock } from '../../shared/clock.ts';
import type { MediaFrame } from '../../shared/events/media.ts';
import { parseFrame } from '../frames.ts';

/** What a waiting message takes beside its bytes, roughly: many small ones are no small matter. */
const OVERHEAD_BYTES = 64;

/** The messages of one socket that wait for its handler. */
export type Inbox = {
  put(message: Buffer): void;
  /** No more will come; what waits is still handed out. */
  end(): void;
  /** Drops what waits and what is still to come. */
  discard(): void;
  /** Yields the frames, in their order. */
  readonly frames: AsyncIterableIterator<MediaFrame, undefined>;
  /** Whether more bytes wait than there may. */
  isFull(): boolean;
  /** Milliseconds since the handler last took a message. */
  untakenFor(): number;
  /** How many messages could not be read. */
  unreadable(): number;
};

/**
 * @param limitBytes that may wait
 * @param onFull told when more bytes wait, so that no more are fetched
 * @param onRoom told when half of them are gone
 */
export function inbox(options: {
  limitBytes: number;
  clock: Clock;
  onFull: () => void;
  onRoom: () => void;
}): Inbox {
  const { limitBytes, clock, onFull, onRoom } = options;
  const waiting: Buffer[] = [];
  let bytes = 0;
  let full = false;
  let ended = false;
  let discarding = false;
  let unreadable = 0;
  let takenAt = clock.ticks();
  let change = Promise.withResolvers<void>();

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  function weigh(by: number): void {
    bytes += by;
    if (!full && bytes > limitBytes) {
      full = true;
      onFull();
    } else if (full && bytes <= limitBytes / 2) {
      full = false;
      onRoom();
    }
  }

  /** Parsed when it is taken: a handler that takes nothing costs no time. */
  function take(message: Buffer): MediaFrame | undefined {
    takenAt = clock.ticks();
    weigh(-(message.length + OVERHEAD_BYTES));
    const frame = parseFrame(message.toString());
    if (!frame) unreadable++;
    return frame;
  }

  function discard(): void {
    discarding = true;
    waiting.length = 0;
    weigh(-bytes);
  }

  const frames: AsyncIterableIterator<MediaFrame, undefined> = {
    [Symbol.asyncIterator]: () => frames,
    async next() {
      for (;;) {
        const message = waiting.shift();
        const frame = message && take(message);
        if (frame) return { value: frame, done: false };
        if (message) continue;
        if (ended) return { value: undefined, done: true };
        await change.promise;
      }
    },
    async return() {
      discard();
      return { value: undefined, done: true };
    },
  };

  return {
    put(message) {
      if (discarding || ended) return;
      waiting.push(message);
      weigh(message.length + OVERHEAD_BYTES);
      changed();
    },
    end() {
      ended = true;
      changed();
    },
    discard,
    frames,
    isFull: () => full,
    untakenFor: () => clock.ticks() - takenAt,
    unreadable: () => unreadable,
  };
}
