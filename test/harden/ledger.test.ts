import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { capturedRequest } from './scenarios/captured-request.ts';
import { crashes } from './scenarios/crashes.ts';
import { manyCopies } from './scenarios/many-copies.ts';
import { tableOutage } from './scenarios/table-outage.ts';

// What `npm run harden` does with large counts, with small ones: processes of the staged bundle, and one table.
const nothingLost = { unanswered: 0, lost: 0 };
const settledStaysSo = { ...nothingLost, handledAgainAfterItsAnswer: 0 };
const eachRefuses = Array.from({ length: 8 }, () => 401);
const outage = { healthWhileOut: 503, healthAfterwards: 200 };

function handlesEachOnce(fleet: () => Fleet): void {
  test('every event is handled once, however often and wherever it is sent', async () => {
    const result = await manyCopies(fleet(), { deliveries: 300 });
    expect(result).toMatchObject({ deliveries: 300, ...settledStaysSo, handledAgain: 0 });
  });
}

/** @param others what differs: the statuses of each instance for a changed body and for another call's event */
async function capturedIsHandledOnce(
  fleet: Fleet,
  others: { changed: number[]; otherCall: number[]; handledOfOtherCall: number },
): Promise<void> {
  expect(await capturedRequest(fleet, { times: 100 })).toEqual({
    times: 100,
    handled: 1,
    answers: { 200: 100 },
    handledChanged: 0,
    ...others,
  });
}

describe('two instances that proceed without the table, and report', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(2, { LEDGER_OUTAGE: 'proceed', CALL_BINDING: 'report' });
  });
  afterAll(() => fleet.close());

  handlesEachOnce(() => fleet);

  test('a captured request is handled once by both together, and an event of another call as well', async () => {
    await capturedIsHandledOnce(fleet, {
      changed: [401, 401],
      otherCall: [200, 200],
      handledOfOtherCall: 2,
    });
  });

  test('an outage of the table costs no event, and is no reason to refuse one', async () => {
    const result = await tableOutage(fleet, { deliveries: 150 });
    // Degraded, and in service.
    expect(result).toMatchObject({ ...nothingLost, ...outage, healthWhileOut: 200 });
    expect(result.answeredWhileOut).toBeGreaterThan(30);
    expect([1, 2]).toContain(result.toldInTheLog);
  });
});

describe('eight instances that refuse without the table, and enforce', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(8, { LEDGER_OUTAGE: 'refuse', CALL_BINDING: 'enforce' });
  });
  afterAll(() => fleet.close());

  handlesEachOnce(() => fleet);

  test('a captured request is handled once by all together, and an event of another call by none', async () => {
    await capturedIsHandledOnce(fleet, {
      changed: eachRefuses,
      otherCall: eachRefuses,
      handledOfOtherCall: 0,
    });
  });

  test('an outage of the table costs no event, and none is handled twice', async () => {
    const result = await tableOutage(fleet, { deliveries: 150 });
    expect(result).toMatchObject({ ...settledStaysSo, ...outage, handledAgain: 0 });
    expect(result.answers['503']).toBeGreaterThan(0);
  });

  test('instances that are killed in the middle of their work lose no event', async () => {
    expect(await crashes(fleet, { kills: 10 })).toMatchObject({ kills: 10, ...settledStaysSo });
  });
});
