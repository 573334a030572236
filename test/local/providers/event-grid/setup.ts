import { onTestFinished } from 'vitest';
import { eventGridSubscription } from '../../../../local/providers/event-grid/subscription.ts';
import type { SubscriptionOptions } from '../../../../local/providers/event-grid/subscription.ts';
import { manualClock } from '../../../clock.ts';
import { startReceiver } from '../receiver.ts';

export const TOPIC =
  '/subscriptions/0a/resourceGroups/rg/providers/Microsoft.Communication/communicationServices/acs';

/** A subscription of an app whose answers are the test's, on a clock of its own. */
export async function startSubscription(change: Partial<SubscriptionOptions> = {}) {
  const app = await startReceiver();
  onTestFinished(app.close);
  const clock = manualClock();
  const naps: number[] = [];
  const waiting: (() => void)[] = [];
  const grid = eventGridSubscription({
    topic: TOPIC,
    subscriptionName: 'incoming-call',
    schema: 'event-grid',
    url: `${app.url}/api/events/incoming-call`,
    clock: {
      ...clock,
      sleep(milliseconds, signal) {
        naps.push(milliseconds);
        for (const resolve of waiting.splice(0)) resolve();
        return clock.sleep(milliseconds, signal);
      },
    },
    ...change,
  });
  return {
    app,
    clock,
    grid,
    /** An event with an id of the test's choice. */
    ring: (id: string) =>
      grid.event({
        type: 'Microsoft.Communication.IncomingCall',
        subject: '/caller/a/recipient/b',
        data: {},
        id,
      }),
    /** Resolves when so many attempts have failed, and the sender waits to make another. */
    async waitsAfter(attempts: number) {
      // Each attempt sleeps once for its answer, and once for the next.
      while (naps.length < attempts * 2) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
