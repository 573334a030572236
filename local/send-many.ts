import type { SendResult } from './inspector/contract.ts';

/** Requests that are on their way at once. */
const IN_FLIGHT = 8;

/**
 * Sends so many, a few at a time and so many a second at most, until the signal aborts.
 *
 * @param onResult awaited, so that a slow reader slows the sending down
 */
export async function sendMany(options: {
  send: () => Promise<SendResult>;
  count: number;
  rate: number | undefined;
  signal?: AbortSignal;
  onResult: (result: SendResult) => void | Promise<void>;
}): Promise<void> {
  const { send, count, rate, signal = new AbortController().signal, onResult } = options;
  const started = performance.now();
  let begun = 0;
  async function worker(): Promise<void> {
    while (begun < count && !signal.aborted) {
      const number = begun++;
      const due = rate === undefined ? 0 : started + (number * 1000) / rate - performance.now();
      if (due > 0) await pause(due, signal);
      if (signal.aborted) return;
      await onResult(await send());
    }
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, worker));
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener('abort', over);
  });
}
