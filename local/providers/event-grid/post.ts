import type { Clock } from '../../../shared/clock.ts';

export type Reply = {
  /** 0 where none came in time. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
};

/** How long a webhook may take to answer, a handshake included. */
const ANSWER_MILLISECONDS = 30_000;

/** Sends a request and waits as long for its answer as Event Grid does, on the clock given. */
export async function send(url: string, init: RequestInit, clock: Clock): Promise<Reply> {
  const overdue = new AbortController();
  const answered = new AbortController();
  void clock.sleep(ANSWER_MILLISECONDS, answered.signal).then(
    () => overdue.abort(),
    () => {},
  );
  try {
    // A redirect is an answer like any other: it is not followed.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: overdue.signal });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch {
    return { status: 0, headers: new Headers(), body: '' };
  } finally {
    answered.abort();
  }
}
