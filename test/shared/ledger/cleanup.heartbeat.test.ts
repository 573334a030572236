import { expect, test } from 'vitest';
import { heartbeat } from '../../../shared/ledger/cleanup.ts';
import { manualClock } from '../../clock.ts';

test('the heartbeat asks the table three times in a lease, and a slow answer delays the next question', async () => {
  const clock = manualClock();
  let asked = 0;
  let slow = false;
  const warm = () => {
    asked++;
    return slow ? clock.sleep(5000) : Promise.resolve();
  };
  void heartbeat({ warm }, 9, clock);
  await clock.advance(9000);
  expect(asked).toBe(3);
  slow = true;
  await clock.advance(3000);
  slow = false;
  await clock.advance(7999);
  expect(asked).toBe(4);
  await clock.advance(1);
  expect(asked).toBe(5);
});
