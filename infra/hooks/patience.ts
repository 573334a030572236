/** Waits some milliseconds. */
export type Wait = (milliseconds: number) => Promise<unknown>;

/** A try that failed, and may go well later: a role that has not got around yet, an app that is just starting. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

/**
 * Tries again while it fails with `NotYet`, with a pause of `pause` milliseconds, `tries` times in all.
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
