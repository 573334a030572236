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

/** The app that a scenario is played to, and where its results go. */
export type ScenarioContext = Target & {
  /** The log entry of a delivery, by its number; `undefined` where neither a function nor the media host was asked. */
  readonly logOf: (delivery: number) => Promise<DeliveryLogEntry | undefined>;
  readonly onRow: (row: Row) => void;
};

type Verdict = { readonly status: number; readonly reason?: Reason | undefined };
export type Expected = Verdict & {
  readonly outcome?: string;
  /** Another correct verdict. */
  readonly alternatively?: Verdict | undefined;
};

export const HANDLED: Expected = { status: 200, outcome: 'handled' };
export const HANDLED_BEFORE: Expected = { status: 200, outcome: 'handled-before' };

/** Sends a request, or asks for a WebSocket where its URL is one, and shows the result. */
export async function send(
  context: ScenarioContext,
  sent: string,
  request: OutgoingRequest,
  expected: Expected,
): Promise<void> {
  const reply = await (request.url.startsWith('ws') ? askToUpgrade(request) : post(request));
  await show(context, sent, { ...answeredBy(reply), milliseconds: reply.milliseconds }, expected);
}

/** Shows the result of a request that the caller sent. */
export async function show(
  { logOf, onRow }: ScenarioContext,
  sent: string,
  { status, header, milliseconds }: Answered & { readonly milliseconds: number },
  expected: Expected,
  note = '',
): Promise<void> {
  const { verdict = 'none', reason, outcomes = {} } = (await logOf(Number(header(DELIVERY_HEADER)))) ?? {};
  const outcome = Object.keys(outcomes).join(', ');
  // Your handlers may handle fewer events than the sample does: that is no fault.
  const isExpectedOutcome =
    outcome === (expected.outcome ?? '') || (outcome === 'no-handler' && expected.outcome !== undefined);
  const isExpectedVerdict = [expected, expected.alternatively].some(
    (one) => one?.status === status && one.reason === reason,
  );
  const asExpected = isExpectedVerdict && isExpectedOutcome;
  onRow({ sent, verdict, reason: reason ?? (note || outcome), status, milliseconds, asExpected });
}

/** Makes this process a backend that finds and trusts the fake services, as the app does. */
export function trustTheFakes({ cloud }: ScenarioContext): Promise<void> {
  const { NODE_EXTRA_CA_CERTS, HTTPS_PROXY, NO_PROXY } = cloud.azure.environment;
  return trustFakes({ NODE_EXTRA_CA_CERTS, HTTPS_PROXY, NO_PROXY });
}
