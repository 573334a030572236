/** Waits some milliseconds. */
export type Wait = (milliseconds: number) => Promise<unknown>;

/** A try that failed and may succeed later: a role that is not effective yet, or an app that is just starting. */
export class NotYet extends Error {
  override readonly name: string = 'NotYet';
}

/** Azure may take that long until a new role is effective, and an app until it has started. */
const TEN_MINUTES_MS = 600_000;

/** How often to try again, with a pause in between, so that ten minutes pass. */
export const patience = (pause: number) => ({ tries: TEN_MINUTES_MS / pause + 1, pause });

/**
 * Tries again while it fails with `NotYet`, with a pause of `pause` milliseconds, `tries` times in all. Each failure is
 * reported with the time that is left.
 *
 * @throws what the last try threw
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  { tries, pause, wait, say }: { tries: number; pause: number; wait: Wait; say: (line: string) => void },
): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof NotYet) || left === 0) throw thrown;
      say(`${thrown.message}; trying again (${left} left)`);
      await wait(pause);
    }
  }
}
