import type { Clock } from '../clock.ts';
import type { Endpoint } from '../delivery/endpoint.ts';
import { reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import type { Proof } from '../verification/check.ts';
import { measureDelivery, measureEvent } from './metrics.ts';
import { redact } from './redact.ts';

/**
 * Logs what belongs to no single delivery: an outage, a rotation, a warning at start. `event` is a stable kebab-case name;
 * `fields` hold nothing secret.
 */
export type Note = (level: Level, event: string, fields: Fields) => void;
export type Level = 'info' | 'warn' | 'error';
export type Fields = Readonly<Record<string, string | number>>;

export const consoleNote: Note = (level, event, fields) =>
  writeToConsole(level, { ringward: event, ...levelMember(level), ...fields });

/** One line of JSON on the console, where the Functions host and a container's log both pick it up. */
function writeToConsole(level: Level, line: Fields): void {
  console[level](JSON.stringify(line));
}

/** A line that stands for `count` others: each would have had these fields, among more. */
export function consoleSum(level: Level, fields: Fields, count: number): void {
  writeToConsole(level, { ...fields, ...levelMember(level), count });
}

/**
 * The member of an entry that repeats its level. The Functions host takes the level of a line that is written outside an
 * invocation from words in it: `warn` first, then `error` and `fail`.
 */
const levelMember = (level: Level) => (level === 'info' ? {} : { level });

/** The log of one delivery; on Azure, the log of its invocation. */
export type DeliveryLog = {
  /** The one entry of a delivery, as far as the volume of the log allows. */
  readonly delivery: (level: Level, entry: DeliveryLogEntry) => void;
  /** What a handler writes through its context. */
  readonly handler: (message: string) => void;
  /** What a handler threw. */
  readonly handlerThrew: (eventType: string, thrown: unknown) => void;
  /** A handler succeeded after its delivery was answered. */
  readonly handlerCompletedLate: (eventType: string) => void;
  /** An event may be handled twice, since the lease was lost while its handler ran. */
  readonly leaseLost: (eventType: string) => void;
};

/** The delivery log entry. It contains no secrets and only verified or locally generated values. */
export type DeliveryLogEntry = {
  readonly delivery: string;
  readonly route: string;
  readonly verdict: 'accepted' | 'rejected' | 'unavailable';
  readonly reason?: Reason | undefined;
  /** The cause, where it is neither in the request nor in the app: something in front of the app. */
  readonly why?: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
  /** Milliseconds of each stage that was reached. */
  readonly stages: Readonly<Record<string, number>>;
  /** Milliseconds of each check that ran, in their order. All accepted, except for the last one of an unverified delivery. */
  readonly checks: Readonly<Record<string, number>>;
  /**
   * Events by type; types past the twentieth and those of no usual form count as `other`. Outcomes likewise; `unusable`
   * counts elements without an identity of their own, which are not handled.
   */
  readonly events?: Readonly<Record<string, number>> | undefined;
  readonly outcomes?: Readonly<Record<string, number>> | undefined;
  readonly reference?: string | undefined;
  /** Tells two tokens apart, and says nothing else about them. */
  readonly tokenFingerprint?: string | undefined;
  /** The names of the token's claims, and its times when it arrived. */
  readonly tokenClaims?: readonly string[] | undefined;
  readonly tokenLifeSeconds?: number | undefined;
  readonly tokenAgeSeconds?: number | undefined;
  readonly tokenExpiresInSeconds?: number | undefined;
  readonly keyAgeSeconds?: number | undefined;
  /** What a stricter setting would have refused. */
  readonly reported?: readonly Reason[] | undefined;
  /** How many deliveries the entry stands for; absent where it is one. */
  readonly count?: number | undefined;
};

/** An entry, or a part of it. */
export type WrittenEntry = {
  readonly [Member in keyof DeliveryLogEntry]: DeliveryLogEntry[Member] | undefined;
};

/** How much of the deliveries a process logs. */
export type LogVolume = {
  /** What is written of a delivery; `undefined` where nothing is. */
  readonly entryOf: (level: Level, entry: DeliveryLogEntry) => WrittenEntry | undefined;
  /** Whether a note that any stranger can cause is written; otherwise it is counted. */
  readonly admits: (level: Level, note: Fields) => boolean;
  /** Writes what was counted. */
  readonly flush: () => void;
};

/** An entry names this many types of events; any more are counted together. */
const MAX_TYPES = 20;
const OTHER = 'other';
/** The form of an event type. The sender can write anything there, so nothing else is logged. */
const TYPE_FORM = /^[\w.:-]{1,128}$/;
const loggedType = (type: string) => (TYPE_FORM.test(type) ? type : OTHER);

export type DeliveryRecord = ReturnType<typeof deliveryRecord>;

/**
 * Collects what happens to one delivery, and logs and measures it when it is answered.
 *
 * @param endpoint that received the delivery; metrics name only its known event types
 */
export function deliveryRecord(
  { provider, path, delivery }: Pick<Endpoint, 'provider' | 'path' | 'delivery'>,
  clock: Clock,
) {
  const arrived = clock.ticks();
  const stages: Record<string, number> = {};
  let stage: string | undefined;
  let entered = arrived;
  const checks: Record<string, number> = {};
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
    /** The delivery enters a stage, which lasts until the next one or until the response. */
    enter: (next: string) => enter(next),
    checked({ name, milliseconds }: { name: string; outcome: string; milliseconds: number }) {
      checks[name] = rounded(milliseconds);
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
      // A genuine sender must not be able to make any number of time series either.
      measureEvent(provider, delivery?.eventTypes.has(eventType) ? eventType : '_OTHER', outcome);
    },
    /** Counts elements of the body that are no usable event. */
    unusable(elements: number) {
      if (elements > 0) outcomes = count(outcomes ?? new Map(), 'unusable', elements);
    },
    answered(status: number, reason: Reason | undefined, log: DeliveryLog) {
      enter(undefined);
      const claims = proof?.claims;
      // Members that are undefined are left out of the JSON.
      const entry: DeliveryLogEntry = {
        delivery: provider,
        route: path,
        verdict: verdictOf(reason, proof !== undefined),
        reason,
        why: reason === 'body-chunked' ? reasons[reason].means : undefined,
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
      measureDelivery(entry);
      try {
        log.delivery(level(status), entry);
      } catch {
        // A log that fails must not cost the sender its response.
      }
    },
  };
}

function count(counts: Map<string, number>, name: string, times = 1): Map<string, number> {
  return counts.set(name, (counts.get(name) ?? 0) + times);
}

/** An accepted delivery can still be unusable, or fail in its handler, but its sender is verified. */
function verdictOf(reason: Reason | undefined, isVerified: boolean): DeliveryLogEntry['verdict'] {
  const answer = reason && reasons[reason].answer;
  if (answer === 'unauthorized' || answer === 'forbidden') return 'rejected';
  if (isVerified) return 'accepted';
  return answer === 'unavailable' ? 'unavailable' : 'rejected';
}

function level(status: number): Level {
  if (status < 400) return 'info';
  return status < 500 ? 'warn' : 'error';
}

const whole = (seconds: number | undefined) => seconds && Math.round(seconds);
const rounded = (milliseconds: number) => Math.round(milliseconds * 100) / 100;

/** The part of the platform's logger that we use: the `InvocationContext` of `@azure/functions` is one. */
export type Logger = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
};

/** Writes a delivery to the log of its invocation: entries as one line of JSON, a handler's text as it is. */
export function invocationLog(logger: Logger, volume: LogVolume): DeliveryLog {
  return {
    delivery(level, entry) {
      const written = volume.entryOf(level, entry);
      if (written) logger[level](JSON.stringify({ ...written, ...levelMember(level) }));
    },
    handler: (message) => logger.info(message),
    handlerThrew: (eventType, thrown) => {
      logger.error(
        JSON.stringify({
          ringward: 'handler-threw',
          level: 'error',
          eventType: loggedType(eventType),
          error: redact(describe(thrown)),
        }),
      );
    },
    // The platform takes nothing more for the log of an invocation that has ended.
    handlerCompletedLate: (eventType) =>
      consoleNote('warn', 'handler-completed-late', {
        eventType: loggedType(eventType),
        why: 'the sender was answered that the handler timed out, and a retry will not be handled: to have it handled, throw',
      }),
    leaseLost: (eventType) =>
      consoleNote('warn', 'lease-lost', {
        eventType: loggedType(eventType),
        why: reasons['lease-lost'].means,
      }),
  };
}

/** JavaScript can throw anything, and not everything can be converted to text. */
function describe(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    return isSdkError(thrown) ? withoutMessage(thrown) : String(thrown.stack ?? thrown.message);
  } catch {
    return 'something that cannot be described';
  }
}

/** An error of an Azure SDK about a request: a `RestError`, or another with the status of a response. */
type SdkError = Error & { readonly code?: unknown; readonly statusCode?: unknown; readonly action?: unknown };

const isSdkError = (error: SdkError): error is SdkError =>
  error.name === 'RestError' || typeof error.statusCode === 'number';

/** A service's message can quote the request: only the error's name, its codes and lines of our own stack are kept. */
function withoutMessage({ name, code, statusCode, action, stack = '' }: SdkError): string {
  const codes = [name, code, statusCode].filter((one) => CODE.test(String(one ?? '')));
  const places = stack.split('\n').filter((line) => PLACE.test(line) && !line.includes('node_modules'));
  const what = ACTION.test(String(action)) ? `${codes.join(' ')} in ${String(action)}` : codes.join(' ');
  return [what, ...places].join('\n');
}

const CODE = /^\w{1,64}$/;
/** What `traceable` adds, such as `call.play`. Errors of other origin may have such a member, too. */
const ACTION = /^(?:call|ring)\.\w{1,64}$/;
/** A line of a stack in a file, such as `    at answer (file:///app/handlers/calls.ts:7:11)`. */
const PLACE = /^ {4}at (?:[\w.<> [\]]+ \()?(?:file:\/\/|\/|[A-Z]:\\)[^\s()?]+:\d+:\d+\)?$/;

/**
 * Names each event type that is delivered although the app has no handler for it, once: its events are answered 200 and
 * nothing else happens.
 */
export function unhandledTypes(note: Note): (eventType: string) => void {
  const named = new Set<string>();
  return function report(eventType) {
    const type = loggedType(eventType);
    if (named.has(type) || named.size === MAX_TYPES) return;
    named.add(type);
    const why = 'the subscription delivers events of this type, and handlers/ has no handler for them';
    note('warn', 'event-type-without-handler', { type, why });
  };
}
