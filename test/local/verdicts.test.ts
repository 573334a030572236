import { expect, test } from 'vitest';
import { HANDLED, HANDLED_BEFORE, show } from '../../local/scenarios/context.ts';
import type { Expected, ScenarioContext } from '../../local/scenarios/context.ts';
import type { Row } from '../../local/scenarios/table.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';

type Entry = Pick<DeliveryLogEntry, 'verdict' | 'reason' | 'outcomes'>;

/** The row of a delivery with this answer and this log entry. */
async function rowOf(status: number, entry: Entry | undefined, expected: Expected): Promise<Row> {
  const rows: Row[] = [];
  const context = { logOf: async () => entry, writtenBy: () => [], onRow: (row: Row) => rows.push(row) };
  const answer = { status, header: () => '1', milliseconds: 1 };
  await show(context as unknown as ScenarioContext, 'CallConnected', answer, expected);
  return rows[0]!;
}

const accepted = (outcome: string, reason?: Entry['reason']): Entry => ({
  verdict: 'accepted',
  outcomes: { [outcome]: 1 },
  ...(reason && { reason }),
});
const refused: Expected = { status: 401, reason: 'token-missing' };

test.each<[string, number, Entry | undefined, Expected]>([
  ['a handled event', 200, accepted('handled'), HANDLED],
  ['an event without a handler', 200, accepted('no-handler'), HANDLED],
  ['a handler that throws', 500, accepted('handler-threw', 'handler-threw'), HANDLED],
  ['a handler that takes too long', 503, accepted('handler-timed-out', 'handler-timed-out'), HANDLED],
  ['a repeat', 200, accepted('handled-before'), HANDLED_BEFORE],
  ['a refused forgery', 401, { verdict: 'rejected', reason: 'token-missing' }, refused],
])('%s is as expected', async (_what, status, entry, expected) => {
  expect((await rowOf(status, entry, expected)).asExpected).toBe(true);
});

test.each<[string, number, Entry | undefined, Expected]>([
  ['an event that is handled twice', 200, accepted('handled'), HANDLED_BEFORE],
  ['an event that is taken for a repeat', 200, accepted('handled-before'), HANDLED],
  ['an event that is answered 200 and brings nothing', 200, { verdict: 'accepted' }, HANDLED],
  ['an outage of the ledger', 503, accepted('ledger-unavailable', 'ledger-unavailable'), HANDLED],
  ['a genuine event that is refused', 401, { verdict: 'rejected', reason: 'token-missing' }, HANDLED],
  ['a forgery that is accepted', 200, accepted('handled'), refused],
  ['a forgery whose handler throws', 500, accepted('handler-threw', 'handler-threw'), refused],
  ['a forgery refused for another reason', 401, { verdict: 'rejected', reason: 'token-malformed' }, refused],
])('%s is not', async (_what, status, entry, expected) => {
  expect((await rowOf(status, entry, expected)).asExpected).toBe(false);
});

test.each([
  [0, 'no answer'],
  [503, 'the app does not run'],
  [200, 'no log entry of the app'],
])('the answer %i without a log entry is not as expected, and the row says why', async (status, reason) => {
  expect(await rowOf(status, undefined, HANDLED)).toMatchObject({
    asExpected: false,
    verdict: 'none',
    reason,
  });
});
