import { setTimeout as pause } from 'node:timers/promises';
import type { SendResult } from '../../local/inspector/contract.ts';
import { post } from '../../local/request.ts';
import type { OutgoingRequest } from '../../local/request.ts';

/** Requests that are on their way at once. */
const AT_ONCE = 16;

/**
 * Sends a number of requests, each made anew, and tells of each as it is answered.
 *
 * @param rate how many a second at most
 */
export async function postMany(options: {
  make: () => OutgoingRequest;
  name: string;
  count: number;
  rate: number | undefined;
  onResult: (result: SendResult) => void;
}): Promise<void> {
  const { make, name, count, rate, onResult } = options;
  const started = performance.now();
  let next = 0;
  async function work(): Promise<void> {
    while (next < count) {
      const due = rate === undefined ? 0 : started + (next * 1000) / rate - performance.now();
      next++;
      if (due > 0) await pause(due);
      onResult(await sent(name, make()));
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
}

async function sent(name: string, request: OutgoingRequest): Promise<SendResult> {
  const began = performance.now();
  try {
    const { status, milliseconds } = await post(request);
    return { sent: name, status, milliseconds };
  } catch {
    return { sent: name, status: 0, milliseconds: performance.now() - began };
  }
}
