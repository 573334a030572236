/** Time for the rest of Ringward. It is passed in, so that tests move it instead of sleeping. */
export type Clock = {
  /** Seconds since the epoch, to compare with the times in a token or a key. May step. */
  now(): number;
  /** Monotonic milliseconds, for intervals, ages and back-off. */
  ticks(): number;
  /** Calls `wake` once after `milliseconds`. Returns the function that cancels it. */
  after(milliseconds: number, wake: () => void): () => void;
  /** Resolves after `milliseconds`; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

// Unreferenced: a timer for a later refresh must not keep the process alive.
function after(milliseconds: number, wake: () => void): () => void {
  const timer = setTimeout(wake, milliseconds).unref();
  return () => clearTimeout(timer);
}

export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  ticks: () => performance.now(),
  after,
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = after(milliseconds, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    }),
};
