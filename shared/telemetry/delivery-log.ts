import type { Clock } from '../clock.ts';
import { reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import type { Proof } from '../verification/check.ts';
import { OTHER, loggedType } from './event-types.ts';
import { measureDelivery, measureEvent, measureMissedCall } from './metrics.ts';
import { redact } from './redact.ts';

/**
 * Tells the operator something that belongs to no single delivery: an outage, a rotation, a warning at start.
 * `event` is a stable kebab-case name; `fields` hold nothing secret.
 */
export type Note = (
  level: 'info' | 'warn' | 'error',
  event: string,
  fields: Record<string, string | number>,
) => void;

/** One line of JSON on the console, where the Functions host and a container's log both pick it up. */
export const consoleNote: Note = (level, event, fields) => {
  console[level](JSON.stringify({ ringward: event, ...fields }));
};

/** Where the lines of one delivery go; on Azure, the log of its invocation. */
export type DeliveryLog = {
  /** The one line that every delivery writes. */
  readonly delivery: (level: 'info' | 'warn' | 'error', line: DeliveryLogEntry) => void;
  /** What a handler writes through its context. */
  readonly handler: (message: string) => void;
  /** What a handler threw. */
  readonly handlerThrew: (eventType: string, thrown: unknown) => void;
};

/** One delivery, as the operator sees it. Nothing in it is secret, and nothing in it was not proved or is not ours. */
export type DeliveryLogEntry = {
  readonly delivery: string;
  readonly route: string;
  readonly verdict: 'accepted' | 'rejected' | 'unavailable';
  readonly reason?: Reason | undefined;
  readonly status: number;
  readonly milliseconds: number;
  /** Milliseconds of each stage that was reached. */
  readonly stages: Readonly<Record<string, number>>;
  /** The checks that ran, in their order. */
  readonly checks: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly milliseconds: number;
  }[];
  /**
   * How many events of each type the request held, types past the twentieth and those of no usual form as `other`; and
   * what became of them, `unusable` being elements without an identity of their own, which are not handed over.
   */
  readonly events?: Readonly<Record<string, number>> | undefined;
  readonly outcomes?: Readonly<Record<string, number>> | undefined;
  readonly reference?: string | undefined;
  /** Tells two tokens apart, and says nothing else about them. */
  readonly tokenFingerprint?: string | undefined;
  /** What the token was made of: the names of its claims, and how old it was when it came. */
  readonly tokenClaims?: readonly string[] | undefined;
  readonly tokenLifeSeconds?: number | undefined;
  readonly tokenAgeSeconds?: number | undefined;
  readonly tokenExpiresInSeconds?: number | undefined;
  readonly keyAgeSeconds?: number | undefined;
  /** What a stricter setting would have refused. */
  readonly reported?: readonly Reason[] | undefined;
};

/** A delivery names so many types of events; any more are counted together. */
const MAX_TYPES = 20;

export type DeliveryRecord = ReturnType<typeof deliveryRecord>;

/** Collects what happens to one delivery and writes it as one line when it is answered. */
export function deliveryRecord(provider: string, route: string, clock: Clock) {
  const arrived = clock.ticks();
  const stages: Record<string, number> = {};
  let stage: string | undefined;
  let entered = arrived;
  const checks: { name: string; outcome: string; milliseconds: number }[] = [];
  let events: Map<string, number> | undefined;
  let outcomes: Map<string, number> | undefined;
  let reported: Set<Reason> | undefined;
  let proof: Proof | undefined;

  function enter(next: string | undefined): void {
    const now = clock.ticks();
    if (stage) stages[stage] = rounded(now - entered);
    stage = next;
    entered = now;
  }

  function report(reason: Reason): void {
    reported ??= new Set();
    reported.add(reason);
  }

  return {
    /** The delivery has come to a stage, which lasts until the next or until the answer. */
    enter: (next: string) => enter(next),
    checked({ name, outcome, milliseconds }: { name: string; outcome: string; milliseconds: number }) {
      checks.push({ name, outcome, milliseconds: rounded(milliseconds) });
    },
    verified(found: Proof) {
      proof = found;
      for (const reason of found.reported ?? []) report(reason);
    },
    reported: report,
    isVerified: () => proof !== undefined,
    delivered(eventType: string, outcome: string) {
      const type = loggedType(eventType);
      events ??= new Map();
      count(events, events.has(type) || events.size < MAX_TYPES ? type : OTHER);
      outcomes = count(outcomes ?? new Map(), outcome);
      measureEvent(provider, eventType, outcome);
    },
    /** Elements beside the events that were none. */
    unusable(elements: number) {
      if (elements > 0) outcomes = count(outcomes ?? new Map(), 'unusable', elements);
    },
    answered(status: number, reason: Reason | undefined, log: DeliveryLog) {
      enter(undefined);
      const claims = proof?.claims;
      // What is undefined is not in the JSON of it.
      const line: DeliveryLogEntry = {
        delivery: provider,
        route,
        verdict: verdictOf(reason, proof !== undefined),
        reason,
        status,
        milliseconds: rounded(entered - arrived),
        stages,
        checks,
        events: events && Object.fromEntries(events),
        outcomes: outcomes && Object.fromEntries(outcomes),
        reference: proof?.reference,
        tokenFingerprint: proof?.token?.id.slice(0, 8),
        tokenClaims: claims?.names,
        tokenLifeSeconds: whole(claims?.lifeSeconds),
        tokenAgeSeconds: whole(claims?.ageSeconds),
        tokenExpiresInSeconds: whole(claims?.expiresInSeconds),
        keyAgeSeconds: whole(proof?.keyAge),
        reported: reported && [...reported],
      };
      measureDelivery(line);
      try {
        log.delivery(level(status), line);
      } catch {
        // A log that fails must not cost the sender its answer.
      }
    },
  };
}

function count(counts: Map<string, number>, name: string, times = 1): Map<string, number> {
  return counts.set(name, (counts.get(name) ?? 0) + times);
}

/** What is accepted can still be unusable, or fail in its handler; but who sent it is known. */
function verdictOf(reason: Reason | undefined, proved: boolean): DeliveryLogEntry['verdict'] {
  const answer = reason && reasons[reason].answer;
  if (answer === 'unauthorized' || answer === 'forbidden') return 'rejected';
  if (proved) return 'accepted';
  return answer === 'unavailable' ? 'unavailable' : 'rejected';
}

function level(status: number): 'info' | 'warn' | 'error' {
  if (status < 400) return 'info';
  return status < 500 ? 'warn' : 'error';
}

const whole = (seconds: number | undefined) => seconds && Math.round(seconds);
const rounded = (milliseconds: number) => Math.round(milliseconds * 100) / 100;

/** What we need of the platform's logger: the `InvocationContext` of `@azure/functions` is one. */
export type Logger = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
};

/** Writes the lines of a delivery to the log of its invocation: one line of JSON each, but for what handlers write. */
export function invocationLog(logger: Logger): DeliveryLog {
  return {
    delivery: (level, line) => logger[level](JSON.stringify(line)),
    handler: (message) => logger.info(message),
    handlerThrew: (eventType, thrown) => {
      logger.error(
        JSON.stringify({
          ringward: 'handler-threw',
          eventType: loggedType(eventType),
          error: redact(told(thrown)),
        }),
      );
    },
  };
}

/** JavaScript lets anything be thrown, and not everything can be told. */
function told(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    return isOfSdk(thrown) ? withoutWords(thrown) : String(thrown.stack ?? thrown.message);
  } catch {
    return 'something that cannot be told';
  }
}

/** An error of an Azure SDK about a request: a `RestError`, or another that has the status of an answer. */
type SdkError = Error & { readonly code?: unknown; readonly statusCode?: unknown };

const isOfSdk = (error: SdkError): error is SdkError =>
  error.name === 'RestError' || typeof error.statusCode === 'number';

/**
 * What a service says in words can quote the request: whom it called, with what. So its name, its codes and the places
 * in our own code are told, and nothing else of it.
 */
function withoutWords({ name, code, statusCode, stack = '' }: SdkError): string {
  const codes = [name, code, statusCode].filter((one) => CODE.test(String(one ?? '')));
  const places = stack.split('\n').filter((line) => PLACE.test(line) && !line.includes('node_modules'));
  return [codes.join(' '), ...places].join('\n');
}

const CODE = /^\w{1,64}$/;
/** A line of a stack in a file, such as `    at answer (file:///app/handlers/calls.ts:7:11)`. */
const PLACE = /^ {4}at (?:[\w.<> [\]]+ \()?(?:file:\/\/|\/|[A-Z]:\\)[^\s()?]+:\d+:\d+\)?$/;

/**
 * Tells of a call that was delivered when it had stopped ringing: something on the way took too long.
 *
 * @param log of the invocation
 */
export function tellMissedCall(log: (message: string) => void): void {
  measureMissedCall();
  const why = 'the event came later than a call rings; the handler was told so with ring.missed';
  log(JSON.stringify({ ringward: 'call-missed', why }));
}
