import { misused } from '../../local/cli.ts';
import type { EnabledSender } from '../../shared/app.ts';
import { withTimeout } from '../../shared/async.ts';
import type { Clock } from '../../shared/clock.ts';
import { MAX_BODY_BYTES } from '../../shared/delivery/body.ts';
import { findEndpoint } from '../../shared/delivery/endpoint.ts';
import type { Endpoint } from '../../shared/delivery/endpoint.ts';
import { checksOf, runChecks } from '../../shared/delivery/pipeline.ts';
import { refusalFor } from '../../shared/delivery/response.ts';
import type { Reason } from '../../shared/reasons.ts';
import { redact } from '../../shared/telemetry/redact.ts';
import type { Check, Proof, ReceivedRequest } from '../../shared/verification/check.ts';
import type { Asked } from './asked.ts';

export type Step = {
  readonly name: string;
  readonly outcome: 'passed' | 'refused' | 'cannot tell' | 'not reached';
  /** What a stricter setting would have refused. */
  readonly reported: readonly Reason[];
};

export type Judged = {
  readonly method: string;
  readonly steps: readonly Step[];
  /** Why the request is not accepted, and the status that the app would answer. */
  readonly refusal?: { readonly reason: Reason; readonly status: number };
};

/** What judges a request. */
export type Judge = {
  readonly senders: readonly EnabledSender[];
  readonly clock: Clock;
  readonly timeoutSeconds: number;
};

/** An endpoint of the app, or the upgrade of the media host, which has checks and nothing else. */
type Target = Pick<Endpoint, 'checks' | 'unavailableStatus'> & Partial<Endpoint>;

const OUTCOMES = { accepted: 'passed', rejected: 'refused', unavailable: 'cannot tell' } as const;

/**
 * Judges a request as the pipeline does, in the same order: size, checks, content type, parsing. It asks no ledger and
 * runs no handler.
 *
 * @throws UsageError where no endpoint serves the request
 */
export async function judge(by: Judge, { method: given, received }: Asked): Promise<Judged> {
  const likely = received.body.length > 0 ? METHODS : METHODS.toReversed();
  const method = given ?? likely.find((one) => targetOf(by, one, received.url)) ?? METHODS[0];
  const target = targetOf(by, method, received.url);
  if (!target) return noTarget(method, received.url);
  // The pipeline does not read the body of a GET.
  const hasBody = method !== 'GET';
  const checks = checksOf(target, received);
  const afterChecks = hasBody || target.delivery ? stepsAfterChecks(target, received) : [];
  const names = [
    ...(hasBody ? ['size'] : []),
    ...checks.map(({ name }) => name),
    ...afterChecks.map(({ name }) => name),
  ];
  const steps: Step[] = [];
  const take = (name: string, reason: Reason | undefined) =>
    steps.push({ name, outcome: reason ? 'refused' : 'passed', reported: [] });
  const done = (reason?: Reason): Judged => ({
    method,
    steps: names.map((name, index) => steps[index] ?? { name, outcome: 'not reached', reported: [] }),
    ...(reason && { refusal: { reason, status: refusalFor(reason, target.unavailableStatus).status } }),
  });

  if (hasBody) {
    const tooLarge =
      received.body.length > (target.maxBodyBytes ?? MAX_BODY_BYTES) ? 'body-too-large' : undefined;
    take('size', tooLarge);
    if (tooLarge) return done(tooLarge);
  }
  const verdict = await verdictOf(by, checks, received, (step) => steps.push(step));
  if (verdict.outcome !== 'accepted') return done(verdict.reason);
  for (const { name, find } of afterChecks) {
    const reason = find(verdict.proof);
    take(name, reason);
    if (reason) return done(reason);
  }
  return done();
}

/** For a capture that does not say its method: every path has one of these, and with a body it is the first. */
const METHODS = ['POST', 'GET'] as const;

function targetOf({ senders }: Judge, method: string, url: URL): Target | undefined {
  for (const { endpoints, upgrade } of senders) {
    const endpoint = findEndpoint(endpoints, method, url);
    if (endpoint) return endpoint;
    // The media host takes the path to the letter.
    if (upgrade && method === 'GET' && url.pathname === `/${upgrade.path}`) {
      return { checks: upgrade.checks, unavailableStatus: 503 };
    }
  }
  return undefined;
}

function noTarget(method: string, { pathname }: URL): never {
  return misused(
    `With these settings nothing answers to ${method} ${redact(pathname)}. Is it the path that the app sees (--route says another), and are these the settings of that app (--settings, --local)?`,
  );
}

/** Runs the checks, and tells about each what it found and what it reported. */
async function verdictOf(
  { clock, timeoutSeconds }: Judge,
  checks: readonly Check[],
  received: ReceivedRequest,
  onStep: (step: Step) => void,
) {
  const reported = new Map<string, readonly Reason[]>();
  const listening = checks.map((check): Check => ({
    name: check.name,
    async run(...given) {
      const proof = await check.run(...given);
      reported.set(check.name, proof.reported ?? []);
      return proof;
    },
  }));
  return withTimeout(clock, timeoutSeconds * 1000, (signal) =>
    runChecks(listening, received, {
      clock,
      signal,
      record: {
        checked({ name, outcome }) {
          const found = OUTCOMES[outcome as keyof typeof OUTCOMES];
          onStep({ name, outcome: found, reported: reported.get(name) ?? [] });
        },
      },
    }),
  );
}

type AfterChecks = { readonly name: string; readonly find: (proof: Proof) => Reason | undefined };

/** What the pipeline looks at after the checks and before the ledger. */
function stepsAfterChecks(
  { accepts, respond, delivery }: Target,
  received: ReceivedRequest,
): readonly AfterChecks[] {
  const contentType: AfterChecks = {
    name: 'content-type',
    find: () => (accepts?.(received.headers.get('content-type')) ? undefined : 'content-type'),
  };
  if (!delivery) return [contentType];
  const events: AfterChecks = {
    name: 'events',
    find(proof) {
      const result = respond?.(received) ?? delivery.parse(received, proof);
      return typeof result === 'string' ? result : undefined;
    },
  };
  return [contentType, events];
}
