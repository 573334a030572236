import type { Reason } from '../../shared/reasons.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { DELIVERY_HEADER } from '../inspector/forward.ts';
import { post } from '../http/request.ts';
import type { OutgoingRequest, Reply } from '../http/request.ts';
import type { FakeCloud } from '../fake-cloud.ts';
import type { Row } from './table.ts';

/** What a play needs: the cloud, the app that it is played to, and somebody who looks. */
export type ScenarioContext = {
  readonly cloud: FakeCloud;
  readonly baseUrl: string;
  /** `ws://…` */
  readonly mediaUrl: string;
  /** The line that the app logged for an invocation. */
  readonly lineOf: (invocation: string) => Promise<DeliveryLogEntry>;
  /** The line that the media host logged for an upgrade, by the number that its answer carries. */
  readonly upgradeOf: (delivery: number) => Promise<DeliveryLogEntry | undefined>;
  readonly onRow: (row: Row) => void;
};

export type Expected = { readonly status: number; readonly reason?: Reason; readonly outcome?: string };

export const HANDLED: Expected = { status: 200, outcome: 'handled' };
export const HANDLED_BEFORE: Expected = { status: 200, outcome: 'handled-before' };

/** Sends a request and shows what became of it. */
export async function send(
  stage: ScenarioContext,
  sent: string,
  request: OutgoingRequest,
  expected: Expected,
): Promise<void> {
  const { status, headers, milliseconds } = await post(request);
  await show(
    stage,
    sent,
    { status, milliseconds, invocation: String(headers['x-ms-invocation-id']) },
    expected,
  );
}

/** Shows what became of a request that somebody else sent. */
export async function show(
  { lineOf, onRow }: ScenarioContext,
  sent: string,
  answered: { readonly status: number; readonly milliseconds: number; readonly invocation: string },
  expected: Expected,
): Promise<void> {
  const { status, milliseconds, invocation } = answered;
  const { verdict, reason, outcomes = {} } = await lineOf(invocation);
  const outcome = Object.keys(outcomes).join(', ');
  // A handler of yours may care for fewer events than the sample does: that is no fault.
  const asOutcome = outcome === (expected.outcome ?? '') || (outcome === 'no-handler' && expected.outcome);
  const asExpected = status === expected.status && reason === expected.reason && Boolean(asOutcome);
  onRow({ sent, verdict, reason: reason ?? outcome, status, milliseconds, asExpected });
}

/** Shows what became of an upgrade of the media host, and of the socket where there is one. */
export async function showUpgrade(
  { upgradeOf, onRow }: ScenarioContext,
  sent: string,
  answered: { readonly status: number; readonly milliseconds: number; readonly headers: Reply['headers'] },
  expected: Expected,
  outcome = '',
): Promise<void> {
  const { status, milliseconds, headers } = answered;
  const { verdict = 'none', reason } = (await upgradeOf(Number(headers[DELIVERY_HEADER]))) ?? {};
  const asExpected = status === expected.status && reason === expected.reason;
  onRow({ sent, verdict, reason: reason ?? outcome, status, milliseconds, asExpected });
}
