import { checksOfRoute } from '../../local/checks-of-route.ts';
import type { CheckedRoute } from '../../local/checks-of-route.ts';
import { withTimeout } from '../../shared/async.ts';
import { callAutomation } from '../../shared/delivery/call-automation.ts';
import { isJsonContentType } from '../../shared/delivery/content-type.ts';
import { answerHandshake } from '../../shared/delivery/event-grid-handshake.ts';
import { eventGrid } from '../../shared/delivery/event-grid.ts';
import { MAX_BODY_BYTES } from '../../shared/delivery/read-body.ts';
import { runChecks } from '../../shared/delivery/run-checks.ts';
import { vonageProvider } from '../../shared/delivery/vonage.ts';
import { vonageKinds } from '../../shared/events/vonage.ts';
import type { Proving } from '../../shared/proving.ts';
import type { Reason } from '../../shared/reasons.ts';
import type { Check, Proof } from '../../shared/verification/check.ts';
import { unreadable } from './captured.ts';
import type { Asked } from './asked.ts';

export type Step = {
  readonly name: string;
  readonly outcome: 'passed' | 'refused' | 'cannot tell' | 'not reached';
  /** What a stricter setting would have refused. */
  readonly reported: readonly Reason[];
};

export type Judged = {
  readonly route: CheckedRoute;
  readonly steps: readonly Step[];
  /** Of what did not pass; absent where all of it did. */
  readonly reason?: Reason;
};

const OUTCOMES = { accepted: 'passed', rejected: 'refused', unavailable: 'cannot tell' } as const;

/**
 * Holds a request against what the app would hold it against, in the order of its one way: size, checks, content type,
 * parsing. The ledger and the handler are not asked.
 *
 * @throws Unreadable where nothing answers there
 */
export async function judge(proving: Proving, asked: Asked): Promise<Judged> {
  const { method, received } = asked;
  const route = checksOfRoute(proving, method, received.url) ?? noRoute(asked);
  const hasBody = route.provider !== 'perimeter' && route.provider !== 'media';
  const afterwards = hasBody ? afterProof(proving, route, asked) : [];
  const steps: Step[] = [];
  const take = (name: string, reason: Reason | undefined) =>
    void steps.push({ name, outcome: reason ? 'refused' : 'passed', reported: [] });
  const done = (reason?: Reason): Judged => {
    const names = [
      ...(hasBody ? ['size'] : []),
      ...route.checks.map(({ name }) => name),
      ...afterwards.map(({ name }) => name),
    ];
    const unreached = names
      .slice(steps.length)
      .map((name): Step => ({ name, outcome: 'not reached', reported: [] }));
    return { route, steps: [...steps, ...unreached], ...(reason && { reason }) };
  };

  if (hasBody) {
    const tooLarge = received.body.length > MAX_BODY_BYTES ? 'body-too-large' : undefined;
    take('size', tooLarge);
    if (tooLarge) return done(tooLarge);
  }

  const reported = new Map<string, readonly Reason[]>();
  const verdict = await withTimeout(
    proving.clock,
    proving.settings.HANDLER_TIMEOUT_SECONDS * 1000,
    async (signal) =>
      runChecks(
        route.checks.map((check) => listening(check, (reasons) => reported.set(check.name, reasons))),
        received,
        {
          clock: proving.clock,
          signal,
          onResult: ({ name, outcome }) =>
            steps.push({ name, outcome: OUTCOMES[outcome], reported: reported.get(name) ?? [] }),
        },
      ),
  );
  if (verdict.outcome !== 'accepted') return done(verdict.reason);
  for (const { name, find } of afterwards) {
    const reason = find(verdict.proof);
    take(name, reason);
    if (reason) return done(reason);
  }
  return done();
}

/** The check itself; only what it reports is told as well. */
const listening = (check: Check, tell: (reported: readonly Reason[]) => void): Check => ({
  name: check.name,
  async run(...given) {
    const proof = await check.run(...given);
    tell(proof.reported ?? []);
    return proof;
  },
});

type AfterProof = { readonly name: string; readonly find: (proof: Proof) => Reason | undefined };

/** What the app looks at once a request is proved and before the ledger is asked, on each route. */
function afterProof({ settings }: Proving, route: CheckedRoute, asked: Asked): readonly AfterProof[] {
  const { method, received } = asked;
  const contentType: AfterProof = {
    name: 'content-type',
    find: () => (isJsonContentType(received.headers.get('content-type')) ? undefined : 'content-type'),
  };
  if (method === 'OPTIONS') return [contentType];
  const kind = vonageKinds.find((one) => route.route.endsWith(`/${one}`));
  const events = (proof: Proof): Reason | undefined => {
    const answer = route.provider === 'event-grid' ? answerHandshake(received) : undefined;
    if (answer !== undefined) return typeof answer === 'string' ? answer : undefined;
    const provider = kind
      ? vonageProvider(kind)
      : route.provider === 'event-grid'
        ? eventGrid(settings.EVENT_GRID_TOPICS)
        : callAutomation;
    const parsed = provider.parse(received.body, proof);
    return typeof parsed === 'string' ? parsed : undefined;
  };
  return [contentType, { name: 'events', find: events }];
}

/** Whose settings are absent is not there either. */
function noRoute({ method, received }: Asked): never {
  return unreadable(
    `With these settings nothing answers to ${method} ${received.url.pathname}. Is it the path that the app sees (--route says another), and are these the settings of that app (--settings, --local)?`,
  );
}
