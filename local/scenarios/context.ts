import type { EventOutcome } from '../../shared/delivery/dispatch.ts';
import type { Reason } from '../../shared/reasons.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { trustFakes } from '../fakes/trust.ts';
import { answeredBy, DELIVERY_HEADER, post } from '../http/request.ts';
import type { Answered, OutgoingRequest } from '../http/request.ts';
import { askToUpgrade } from '../http/sockets.ts';
import type { Target } from '../target.ts';
import type { Row } from './table.ts';

/** An exchange that `npm start` plays, with a row for each request. */
export type Scenario = {
  /** The heading of its rows. Without one they follow those of the scenario before. */
  readonly title?: string;
  /** The name under which it can be started alone. */
  readonly name?: string;
  play(context: ScenarioContext): Promise<void>;
};

/** The app that a scenario is played to. */
export type ScenarioTarget = Target & {
  /** The log entry of a delivery, by its number; `undefined` where there is none. */
  readonly logOf: (delivery: number) => Promise<DeliveryLogEntry | undefined>;
  /** What its handlers have written and thrown. */
  readonly writtenBy: (delivery: number) => readonly string[];
};

/** Where the results of a scenario go as well. */
export type ScenarioContext = ScenarioTarget & {
  readonly onRow: (row: Row) => void;
  /** Takes a remark about how the scenario went on. */
  readonly onNote: (text: string) => void;
};

type Verdict = { readonly status: number; readonly reason?: Reason | undefined };
export type Expected = Verdict & {
  /** For a genuine event: what happens to it where its handler is there, and neither throws nor takes too long. */
  readonly outcome?: EventOutcome;
  /** Another correct verdict. */
  readonly alternatively?: Verdict | undefined;
};

export const HANDLED: Expected = { status: 200, outcome: 'handled' };
export const HANDLED_BEFORE: Expected = { status: 200, outcome: 'handled-before' };

/** Outcomes that depend on your handlers. Ringward's part was right: it verified the event and gave it to them. */
const DEPEND_ON_HANDLERS: readonly string[] = [
  'no-handler',
  'handler-threw',
  'handler-timed-out',
  'delivery-in-progress',
] satisfies readonly EventOutcome[];

/** A request is answered within this time. */
const REPLY_TIMEOUT_MS = 60_000;

/**
 * Sends a request, or asks for a WebSocket where its URL is one, and shows the result.
 *
 * @returns what {@link show} returns
 */
export async function send(
  context: ScenarioContext,
  sent: string,
  request: OutgoingRequest,
  expected: Expected,
): Promise<boolean> {
  return show(context, sent, await answerTo(request), expected);
}

/** Sends a request, or asks for a WebSocket. The status is 0 where no answer comes in time. */
export async function answerTo(request: OutgoingRequest): Promise<TimedAnswer> {
  const started = performance.now();
  try {
    const reply = await (request.url.startsWith('ws')
      ? askToUpgrade(request)
      : post(request, AbortSignal.timeout(REPLY_TIMEOUT_MS)));
    return { ...answeredBy(reply), milliseconds: reply.milliseconds };
  } catch {
    return { status: 0, header: () => undefined, milliseconds: performance.now() - started };
  }
}

type TimedAnswer = Answered & { readonly milliseconds: number };

/**
 * Shows the result of a request that the caller sent.
 *
 * @returns whether the handler of each of its events has ended without throwing
 */
export async function show(
  { logOf, writtenBy, onRow }: ScenarioContext,
  sent: string,
  answer: TimedAnswer,
  expected: Expected,
  note = '',
): Promise<boolean> {
  const { status, milliseconds } = answer;
  const delivery = Number(answer.header(DELIVERY_HEADER));
  const entry = await logOf(delivery);
  const { verdict = 'none', reason, outcomes = {} } = entry ?? {};
  const names = Object.keys(outcomes);
  const shown = entry ? (reason ?? (note || names.join(', '))) : whyNoEntry(status);
  const asExpected = isExpected({ status, reason, outcomes: names }, expected);
  onRow({
    sent,
    verdict,
    reason: shown,
    status,
    milliseconds,
    asExpected,
    written: writtenBy(delivery),
    ...(delivery > 0 && { delivery }),
  });
  return names.length > 0 && names.every((name) => name === 'handled' || name === 'handled-before');
}

type Result = Verdict & { readonly outcomes: readonly string[] };

function isExpected({ status, reason, outcomes }: Result, expected: Expected): boolean {
  const { outcome, alternatively } = expected;
  const isVerdict = [expected, alternatively].some((one) => one?.status === status && one.reason === reason);
  if (outcome === undefined) return isVerdict && outcomes.length === 0;
  const isByHandlers = reason !== undefined && DEPEND_ON_HANDLERS.includes(reason);
  const areOutcomes = outcomes.every((one) => one === outcome || DEPEND_ON_HANDLERS.includes(one));
  return (isVerdict || isByHandlers) && outcomes.length > 0 && areOutcomes;
}

function whyNoEntry(status: number): string {
  if (status === 0) return 'no answer';
  // Only the port in front of the app answers so.
  return status === 503 ? 'the app does not run' : 'no log entry of the app';
}

/** Makes this process a backend that finds and trusts the fake services, as the app does. */
export function trustTheFakes({ cloud }: ScenarioContext): Promise<void> {
  const { NODE_EXTRA_CA_CERTS, HTTPS_PROXY, NO_PROXY } = cloud.azure.environment;
  return trustFakes({ NODE_EXTRA_CA_CERTS, HTTPS_PROXY, NO_PROXY });
}
