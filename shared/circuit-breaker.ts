import type { Clock } from './clock.ts';
import { Outage } from './errors.ts';
import type { Note } from './telemetry/delivery-log.ts';

/** Milliseconds between two attempts while the table is out: soon, since a live call waits for it. */
const PROBE_AFTER = 250;
/** Milliseconds between two lines of the log about an outage. */
const TELL_AFTER = 60_000;

/** What is asked of a service that may be out. */
export type Watched = {
  /** Throws an `Outage` where the service is out. */
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer>;
  isAvailable(): boolean;
  /** Milliseconds since the service came back; without end where it was never seen out. */
  backFor(): number;
};

/**
 * It is out when it fails somebody and has answered nobody since that one asked; then it is asked four times a second and by
 * one caller, and the others are told at once. The log tells of the outage once a minute, also where the table comes and
 * goes, and of the end of what it told of.
 *
 * @param why tells a failure in words that hold nothing secret
 */
export function watched(clock: Clock, note: Note, why: (thrown: unknown) => string): Watched {
  let outSince: number | undefined;
  let backAt = Number.NEGATIVE_INFINITY;
  let probeAt = Number.NEGATIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;
  let told = false;
  let turnedAway = 0;
  let answers = 0;

  const seconds = () => Math.round((clock.ticks() - (outSince ?? clock.ticks())) / 1000);

  function failed(thrown: unknown): void {
    outSince ??= clock.ticks();
    probeAt = clock.ticks() + PROBE_AFTER;
    turnedAway++;
    if (clock.ticks() - toldAt < TELL_AFTER) return;
    toldAt = clock.ticks();
    told = true;
    note('error', 'ledger-unavailable', { why: why(thrown), seconds: seconds(), requests: turnedAway });
    turnedAway = 0;
  }

  function answered(): void {
    answers++;
    if (outSince === undefined) return;
    if (told) note('info', 'ledger-back', { seconds: seconds() });
    told = false;
    outSince = undefined;
    backAt = clock.ticks();
  }

  return {
    async ask(question) {
      if (outSince !== undefined) {
        if (clock.ticks() < probeAt) {
          turnedAway++;
          throw new Outage('ledger-unavailable');
        }
        // The next one waits for what becomes of this one.
        probeAt = clock.ticks() + PROBE_AFTER;
      }
      const before = answers;
      try {
        const answer = await question();
        answered();
        return answer;
      } catch (thrown) {
        // Others were answered meanwhile: it is this question alone that failed, or an outage that is over.
        if (answers === before) failed(thrown);
        throw new Outage('ledger-unavailable');
      }
    },
    isAvailable: () => outSince === undefined,
    backFor: () => clock.ticks() - backAt,
  };
}
