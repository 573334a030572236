import { setTimeout as wait } from 'node:timers/promises';

/** As long as a platform waits for an app that starts, in milliseconds. */
const PATIENCE = 60_000;
/** Between two questions, in milliseconds. */
const AGAIN = 50;

/**
 * Waits until an app says that it has its keys, secrets and ledger: on a busy machine the first attempt at one of them may
 * take longer than it is given. After a minute it waits no longer, and what is sent then says what is wrong.
 */
export async function untilHealthy(url: string, route = '/api/health'): Promise<void> {
  const started = performance.now();
  while (performance.now() - started < PATIENCE) {
    if ((await fetch(`${url}${route}`)).status === 200) return;
    await wait(AGAIN);
  }
}
