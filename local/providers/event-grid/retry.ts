const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * When a delivery is attempted again; the service adds a little chance to these.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
const SCHEDULE_SECONDS = [
  10,
  30,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
];

/** The statuses that count as received; every other one, 2xx included, is a failure. */
export const isSuccess = (status: number) => status >= 200 && status <= 204;

/** The statuses of a webhook that are final: the event is dropped, or dead-lettered where that is configured. */
export const isFinal = (status: number) => [400, 401, 403, 413].includes(status);

/**
 * Seconds until the next attempt.
 *
 * @param status 0 where no answer came in time
 * @param attempts how many were made
 */
export function pauseAfter(status: number, attempts: number): number {
  const scheduled = SCHEDULE_SECONDS[Math.min(attempts, SCHEDULE_SECONDS.length) - 1] ?? 0;
  const least = { 408: 2 * MINUTE, 503: 30 }[status] ?? 10;
  return Math.max(scheduled, least);
}
