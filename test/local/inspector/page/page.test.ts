import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isTried, withBrowser } from './chromium.ts';
import { whatStrangersWrote } from './hostile.ts';
import { withFakes } from '../../../support/fakes.ts';
import { startInspected } from './inspected.ts';
import type { Inspected } from './inspected.ts';
import { inTheHand } from './keyboard.ts';
import { theList } from './live.ts';
import { manyDeliveries } from './many.ts';
import { everyPane, widths } from './panes.ts';
import { whatIsSent } from './refusals.ts';
import { secretsOf, tokenLike } from './secrets.ts';

// One `npm start` and one browser for all of it: each takes seconds to start.
describe.skipIf(!isTried)(`the page of the inspector${withBrowser}`, () => {
  let inspected: Inspected;
  beforeAll(async () => void (inspected = await startInspected()));
  afterAll(() => inspected?.stop());
  const shared = () => inspected;

  theList(shared);
  inTheHand(shared);
  everyPane(shared);
  whatIsSent(shared);
  whatStrangersWrote(shared);
  manyDeliveries(shared);

  // The last ones, since they look back at all that the browser saw.
  test('nothing is complained about in the console, the content security policy least of all', () => {
    // A delivery that is no longer kept, opened at each width.
    const notKept = widths.map(() => expect.stringContaining('404 (Not Found)'));
    expect(inspected.seen.flatMap(({ complaints }) => complaints)).toEqual(notKept);
  });

  test('no secret is in the text of the page, in its traffic or in the console', () => {
    const told = inspected.seen.flatMap((seen) => seen.told);
    expect(told.length).toBeGreaterThan(500);
    const all = told.join('\n');
    for (const [name, secret] of Object.entries(secretsOf(withFakes(inspected.cloud))))
      expect(all.includes(secret), name).toBe(false);
    expect(all.match(tokenLike)).toBeNull();
  });
});
