import type { Clock } from '../clock.ts';
import { backOff, FetchFailure } from '../refreshing-cache.ts';
import type { Vault } from './key-vault.ts';

/**
 * The longest `Retry-After` of a vault that is heeded, in milliseconds: what was disabled there must not go on being used
 * for longer than five minutes.
 */
export const LONGEST_RETRY_AFTER = 60_000;

/**
 * A vault that is asked for many secrets, and while it is out by one request at a time: whoever wants a secret
 * meanwhile shares the fate of that one. So an outage costs it a few requests a minute, however many secrets there are.
 *
 * @param random in [0, 1)
 */
export function oneProbe(vault: Vault, clock: Clock, random: () => number): Vault {
  const retry = backOff(clock, random, LONGEST_RETRY_AFTER);
  let answers = false;
  let probing: Promise<void> | undefined;

  async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const answeredBefore = answers;
    try {
      const answer = await question();
      answers = true;
      retry.succeeded();
      return answer;
    } catch (thrown) {
      const failure = thrown instanceof FetchFailure ? thrown : new FetchFailure('the vault failed');
      // Those who asked together fail together, which is one failure.
      if (!failure.conclusive && answers === answeredBefore) retry.failed(failure.retryAfterSeconds);
      answers = failure.conclusive;
      throw failure;
    }
  }

  async function through<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (!answers && probing) await probing;
    if (answers) return ask(question);
    if (probing || !retry.allowed()) throw new FetchFailure('the vault did not answer, and is given time');
    const asked = ask(question);
    probing = over(asked).finally(() => {
      probing = undefined;
    });
    return asked;
  }

  return {
    ready: () => vault.ready(),
    list: (name, signal) => through(() => vault.list(name, signal)),
    value: (name, id, signal) => through(() => vault.value(name, id, signal)),
  };
}

/** Resolves when work is over, however it went: whoever asked for it is told. */
async function over(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // Not here.
  }
}
