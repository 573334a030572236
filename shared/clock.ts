/** Time as the rest of Ringward sees it; handed in, so that tests move it instead of sleeping. */
export type Clock = {
  /** Seconds since the epoch, for comparing with what others wrote into a token or a key. May step. */
  now(): number;
  /** Milliseconds that only ever grow, for intervals, ages and back-off. */
  ticks(): number;
  /** Calls `wake` once after `milliseconds`, unless what this returns is called before. */
  after(milliseconds: number, wake: () => void): () => void;
  /** Resolves after `milliseconds`; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

// Not `ref`ed: waiting for a later refresh must not keep a process from ending.
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
