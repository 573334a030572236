import type { Clock } from './clock.ts';
import type { Note } from './telemetry/delivery-log.ts';

/** Says when a service that failed may be called again. */
export type BackOff = {
  succeeded(): void;
  failed(retryAfterSeconds?: number): void;
  /** Puts the next attempt off while one is running. Counts no failure. */
  postpone(): void;
  /** Failures since the last success. */
  failures(): number;
  allowed(): boolean;
};

const SHORTEST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Milliseconds until the next attempt after so many failures in a row: 10 s, doubled with every failure up to 60 s. The
 * jitter only lengthens it, so that instances which failed together do not retry together and none retries early.
 *
 * @param random in [0, 1)
 */
export const exponentialWait = (failures: number, random: () => number): number =>
  Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** (failures - 1)) * (1 + random() / 2);

/**
 * @param waitMs milliseconds until the next attempt after so many failures in a row, 1 or more
 * @param longestRetryAfterMs a service may ask for a longer wait, but for no longer than this
 */
export function backOff(options: {
  clock: Clock;
  waitMs: (failures: number) => number;
  longestRetryAfterMs?: number;
}): BackOff {
  const { clock, waitMs, longestRetryAfterMs = 0 } = options;
  let failures = 0;
  let retryAt = Number.NEGATIVE_INFINITY;
  return {
    succeeded() {
      failures = 0;
      retryAt = Number.NEGATIVE_INFINITY;
    },
    failed(retryAfterSeconds = 0) {
      failures++;
      const askedForMs = Math.min(longestRetryAfterMs, retryAfterSeconds * 1000);
      retryAt = clock.ticks() + Math.max(waitMs(failures), askedForMs);
    },
    postpone() {
      retryAt = clock.ticks() + waitMs(Math.max(1, failures));
    },
    failures: () => failures,
    allowed: () => clock.ticks() >= retryAt,
  };
}

/** How a call failed. */
export type Failure = {
  /** The service answered, and its answer is no: that is no outage. */
  readonly conclusive: boolean;
  readonly retryAfterSeconds?: number | undefined;
};

export type CircuitBreaker = {
  /** Calls the service, or throws the refusal at once while the circuit is open. */
  call<Answer>(work: () => Promise<Answer>): Promise<Answer>;
  /** Whether the circuit is closed. */
  isAvailable(): boolean;
  /** Milliseconds since the first answer, or since the circuit closed again; 0 before the first answer. */
  closedForMs(): number;
};

/**
 * A circuit breaker. The circuit opens when a call fails and no other call was answered while it ran. While it is open,
 * one call at a time probes the service when the back-off allows it; all others are refused. An answer closes it.
 *
 * @param shareProbe the circuit starts open, and calls wait for a running probe to share its fate, instead of being
 *   refused: one outage then costs one call, however many callers there are
 * @param refusal what a refused call throws
 * @param failureOf tells an outage from an answer that is no; without it every failure is an outage
 */
export function circuitBreaker(options: {
  clock: Clock;
  retry: BackOff;
  refusal: () => Error;
  shareProbe?: boolean;
  failureOf?: (thrown: unknown) => Failure;
  log?: OutageLog;
}): CircuitBreaker {
  const { clock, retry, refusal, shareProbe = false, failureOf = outage } = options;
  const log = options.log && outageLog(clock, options.log);
  let closed = !shareProbe;
  let closedAt: number | undefined;
  let probe: Promise<unknown> | undefined;
  let answers = 0;

  async function attempt<Answer>(work: () => Promise<Answer>, isProbe: boolean): Promise<Answer> {
    const answersBefore = answers;
    try {
      const answer = await work();
      answered();
      return answer;
    } catch (thrown) {
      const { conclusive, retryAfterSeconds } = failureOf(thrown);
      if (conclusive) answered();
      // If another call was answered meanwhile, this one failed alone or the outage is over.
      else if (answers === answersBefore) failed(thrown, isProbe, retryAfterSeconds);
      throw thrown;
    }
  }

  function answered(): void {
    answers++;
    retry.succeeded();
    closedAt ??= clock.ticks();
    if (closed) return;
    closed = true;
    closedAt = clock.ticks();
    log?.recovered();
  }

  function failed(thrown: unknown, isProbe: boolean, retryAfterSeconds: number | undefined): void {
    // Calls that ran at the same time fail together, which is one failure.
    if (closed || isProbe) retry.failed(retryAfterSeconds);
    closed = false;
    log?.failed(thrown);
  }

  return {
    async call(work) {
      if (!closed && shareProbe && probe) await probe;
      if (closed) return attempt(work, false);
      if (!retry.allowed()) {
        log?.refused();
        throw refusal();
      }
      retry.postpone();
      const probing = attempt(work, true);
      const ended = () => {
        probe = undefined;
      };
      // The caller of the probe receives its failure.
      probe = probing.then(ended, ended);
      return probing;
    },
    isAvailable: () => closed,
    closedForMs: () => (closedAt === undefined ? 0 : clock.ticks() - closedAt),
  };
}

const outage = (): Failure => ({ conclusive: false });

/** How an outage is logged: the names of both entries, and what failed, in words that hold nothing secret. */
export type OutageLog = {
  readonly note: Note;
  readonly unavailable: string;
  readonly back: string;
  readonly describe: (thrown: unknown) => string;
};

/** Milliseconds between two log entries about an outage. */
const LOG_INTERVAL_MS = 60_000;

/** Logs an outage once a minute with the number of failed and refused calls, and its end if its begin was logged. */
function outageLog(clock: Clock, { note, unavailable, back, describe }: OutageLog) {
  let since: number | undefined;
  let loggedAt = Number.NEGATIVE_INFINITY;
  let isLogged = false;
  let requests = 0;
  const seconds = () => Math.round((clock.ticks() - (since ?? clock.ticks())) / 1000);
  return {
    refused() {
      requests++;
    },
    failed(thrown: unknown) {
      since ??= clock.ticks();
      requests++;
      if (clock.ticks() - loggedAt < LOG_INTERVAL_MS) return;
      note('error', unavailable, { why: describe(thrown), seconds: seconds(), requests });
      loggedAt = clock.ticks();
      isLogged = true;
      requests = 0;
    },
    recovered() {
      if (isLogged) note('info', back, { seconds: seconds() });
      isLogged = false;
      since = undefined;
    },
  };
}
