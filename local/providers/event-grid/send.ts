import type { Clock } from '../../../shared/clock.ts';

export type Reply = {
  /** 0 where no answer came in time. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
};

/** A webhook has this long to answer, also a handshake. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Sends a request and waits for its answer as long as Event Grid does, on the given clock. */
export async function send(url: string, init: RequestInit, clock: Clock): Promise<Reply> {
  const overdue = new AbortController();
  const answered = new AbortController();
  void clock.sleep(ANSWER_TIMEOUT_MS, answered.signal).then(
    () => overdue.abort(),
    () => {},
  );
  try {
    // Event Grid does not follow redirects.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: overdue.signal });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch {
    return { status: 0, headers: new Headers(), body: '' };
  } finally {
    answered.abort();
  }
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;

/**
 * The pauses between attempts. The service adds some randomness to them.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
const SCHEDULE_SECONDS = [
  10,
  30,
  MINUTE_SECONDS,
  5 * MINUTE_SECONDS,
  10 * MINUTE_SECONDS,
  30 * MINUTE_SECONDS,
  HOUR_SECONDS,
  3 * HOUR_SECONDS,
  6 * HOUR_SECONDS,
  12 * HOUR_SECONDS,
];

/** These statuses count as received. Every other status is a failure, also in 2xx. */
export const isSuccess = (status: number) => status >= 200 && status <= 204;

/** After these statuses of a webhook the event is dropped, or dead-lettered where that is configured. */
export const isFinal = (status: number) => [400, 401, 403, 413].includes(status);

/**
 * Seconds until the next attempt.
 *
 * @param status 0 where no answer came in time
 * @param attempts how many were made
 */
export function pauseAfter(status: number, attempts: number): number {
  const scheduled = SCHEDULE_SECONDS[Math.min(attempts, SCHEDULE_SECONDS.length) - 1] ?? 0;
  const least = { 408: 2 * MINUTE_SECONDS, 503: 30 }[status] ?? 10;
  return Math.max(scheduled, least);
}
