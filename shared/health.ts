import type { Clock } from './clock.ts';

/** Something that the app needs and that lives elsewhere: key sets, secrets, the ledger. */
export type Dependency = {
  /** Fetches it ahead of its use. Never throws. */
  warm(): Promise<void>;
  /** Whether it is available, as far as this instance knows; asks nobody. */
  isAvailable(): boolean;
};

/** Several dependencies as one. */
export const allOf = (dependencies: readonly Dependency[]): Dependency => ({
  async warm() {
    await Promise.all(dependencies.map((dependency) => dependency.warm()));
  },
  isAvailable: () => dependencies.every((dependency) => dependency.isAvailable()),
});

/** How often a missing dependency is asked for. Its own back-off limits this further. */
const RECHECK_MS = 2000;

/**
 * Warms every dependency, and again each that is not available. An instance that reports itself as unavailable receives
 * no requests, and without requests it would never ask again.
 */
export async function keepWarm(dependencies: readonly Dependency[], clock: Clock): Promise<never> {
  await Promise.all(dependencies.map((dependency) => dependency.warm()));
  for (;;) {
    await clock.sleep(RECHECK_MS);
    const missing = dependencies.filter((dependency) => !dependency.isAvailable());
    await Promise.all(missing.map((dependency) => dependency.warm()));
  }
}
