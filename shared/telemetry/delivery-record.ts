import type { Clock } from '../clock.ts';
import type { Reason } from '../reasons.ts';
import { reasons } from '../reasons.ts';
import type { Proof } from '../verification/verdict.ts';
import { loggedType, OTHER } from './event-types.ts';
import { measureDelivery, measureEvent } from './metrics.ts';

/** Where the lines of one delivery go; on Azure, the log of its invocation. */
export type DeliveryLog = {
  /** The one line that every delivery writes. */
  readonly delivery: (level: 'info' | 'warn' | 'error', line: DeliveryLine) => void;
  /** What a handler writes through its context. */
  readonly handler: (message: string) => void;
  /** What a handler threw. */
  readonly handlerThrew: (eventType: string, thrown: unknown) => void;
};

/** One delivery, as the operator sees it. Nothing in it is secret, and nothing in it was not proved or is not ours. */
export type DeliveryLine = {
  readonly delivery: string;
  readonly route: string;
  readonly verdict: 'accepted' | 'rejected' | 'unavailable';
  readonly reason?: Reason;
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
  readonly events?: Readonly<Record<string, number>>;
  readonly outcomes?: Readonly<Record<string, number>>;
  readonly reference?: string;
  /** Tells two tokens apart, and says nothing else about them. */
  readonly tokenFingerprint?: string;
  /** What the token was made of: the names of its claims, and how old it was when it came. */
  readonly tokenClaims?: readonly string[];
  readonly tokenLifeSeconds?: number;
  readonly tokenAgeSeconds?: number;
  readonly tokenExpiresInSeconds?: number;
  readonly keyAgeSeconds?: number;
  /** What a stricter setting would have refused. */
  readonly reported?: readonly Reason[];
};

/** A delivery names so many types of events; any more are counted together. */
const MAX_TYPES = 20;

export type DeliveryRecord = ReturnType<typeof deliveryRecord>;

/** Collects what happens to one delivery and writes it as one line when it is answered. */
export function deliveryRecord(provider: string, route: string, clock: Clock) {
  const arrived = clock.ticks();
  const stages: Record<string, number> = {};
  const checks: { name: string; outcome: string; milliseconds: number }[] = [];
  const events = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const reported = new Set<Reason>();
  let proof: Proof | undefined;

  return {
    /** Times a stage, whether it ends well or throws. */
    async stage<T>(name: string, work: () => Promise<T>): Promise<T> {
      const started = clock.ticks();
      try {
        return await work();
      } finally {
        stages[name] = rounded(clock.ticks() - started);
      }
    },
    checked(result: { name: string; outcome: string; milliseconds: number }) {
      checks.push({ ...result, milliseconds: rounded(result.milliseconds) });
    },
    proved(found: Proof) {
      proof = found;
      for (const reason of found.reported ?? []) reported.add(reason);
    },
    reported(reason: Reason) {
      reported.add(reason);
    },
    isProved: () => proof !== undefined,
    delivered(eventType: string, outcome: string) {
      const type = loggedType(eventType);
      count(events, events.has(type) || events.size < MAX_TYPES ? type : OTHER);
      count(outcomes, outcome);
      measureEvent(provider, eventType, outcome);
    },
    /** Elements beside the events that were none. */
    unusable(elements: number) {
      if (elements > 0) count(outcomes, 'unusable', elements);
    },
    answered(status: number, reason: Reason | undefined, log: DeliveryLog) {
      const line: DeliveryLine = {
        delivery: provider,
        route,
        verdict: verdictOf(reason, proof !== undefined),
        ...(reason && { reason }),
        status,
        milliseconds: rounded(clock.ticks() - arrived),
        stages,
        checks,
        ...(events.size > 0 && { events: Object.fromEntries(events) }),
        ...(outcomes.size > 0 && { outcomes: Object.fromEntries(outcomes) }),
        ...(proof?.reference && { reference: proof.reference }),
        ...(proof?.token && { tokenFingerprint: proof.token.id.slice(0, 8) }),
        ...tokenTold(proof?.claims),
        ...(proof?.keyAge !== undefined && { keyAgeSeconds: Math.round(proof.keyAge) }),
        ...(reported.size > 0 && { reported: [...reported] }),
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

function count(counts: Map<string, number>, name: string, times = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

/** What is accepted can still be unusable, or fail in its handler; but who sent it is known. */
function verdictOf(reason: Reason | undefined, proved: boolean): DeliveryLine['verdict'] {
  const answer = reason && reasons[reason].answer;
  if (answer === 'unauthorized' || answer === 'forbidden') return 'rejected';
  if (proved) return 'accepted';
  return answer === 'unavailable' ? 'unavailable' : 'rejected';
}

function tokenTold(claims: Proof['claims']): Partial<DeliveryLine> {
  if (!claims) return {};
  const { names, lifeSeconds, ageSeconds, expiresInSeconds } = claims;
  return {
    tokenClaims: names,
    ...(lifeSeconds !== undefined && { tokenLifeSeconds: Math.round(lifeSeconds) }),
    ...(ageSeconds !== undefined && { tokenAgeSeconds: Math.round(ageSeconds) }),
    ...(expiresInSeconds !== undefined && { tokenExpiresInSeconds: Math.round(expiresInSeconds) }),
  };
}

function level(status: number): 'info' | 'warn' | 'error' {
  if (status < 400) return 'info';
  return status < 500 ? 'warn' : 'error';
}

const rounded = (milliseconds: number) => Math.round(milliseconds * 100) / 100;
