import { expect, test } from 'vitest';
import { capturedRequest } from './scenarios/captured-request.ts';
import { crashes } from './scenarios/crashes.ts';
import { manyCopies } from './scenarios/many-copies.ts';
import { tableOutage } from './scenarios/table-outage.ts';

// What `npm run harden` does with large counts, with small ones: processes of the staged bundle, and one table.
const TIMEOUT = 60_000;
const nothingLost = { unanswered: 0, lost: 0, handledAgainAfterItsAnswer: 0 };

test.each([2, 8])(
  'with %d instances every event is handled once, however often and wherever it is sent',
  { timeout: TIMEOUT },
  async (instances) => {
    const result = await manyCopies({ instances, deliveries: 300 });
    expect(result).toMatchObject({ deliveries: 300, ...nothingLost, handledAgain: 0 });
  },
);

test(
  'instances that are killed in the middle of their work lose no event',
  { timeout: TIMEOUT },
  async () => {
    expect(await crashes({ instances: 3, kills: 10 })).toMatchObject({ kills: 10, ...nothingLost });
  },
);

test('an outage of the table costs no event where deliveries proceed', { timeout: TIMEOUT }, async () => {
  const result = await tableOutage({ instances: 2, deliveries: 150, mode: 'proceed' });
  expect(result).toMatchObject({ unanswered: 0, lost: 0, healthWhileOut: 503, healthAfterwards: 200 });
  expect(result.answers).not.toHaveProperty('503');
  expect(result.toldInTheLog).toBeLessThanOrEqual(2);
  expect(result.toldInTheLog).toBeGreaterThanOrEqual(1);
});

test(
  'an outage of the table costs no event, and none is handled twice, where deliveries are refused',
  { timeout: TIMEOUT },
  async () => {
    const result = await tableOutage({ instances: 2, deliveries: 150, mode: 'refuse' });
    expect(result).toMatchObject({ ...nothingLost, handledAgain: 0 });
    expect(result.answers['503']).toBeGreaterThan(0);
  },
);

test.each([
  ['enforce', [401, 401, 401], 0],
  ['report', [200, 200, 200], 3],
] as const)(
  'a captured request is handled once by all instances together, and with CALL_BINDING=%s an event of another call is answered %j',
  { timeout: TIMEOUT },
  async (callBinding, otherCall, handledOfOtherCall) => {
    expect(await capturedRequest({ instances: 3, times: 100, callBinding })).toEqual({
      times: 100,
      handled: 1,
      answers: { 200: 100 },
      changed: [401, 401, 401],
      handledChanged: 0,
      otherCall,
      handledOfOtherCall,
    });
  },
);
