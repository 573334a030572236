import type { Fleet } from '../fleet.ts';
import { inParallel, newDeliveries, newSender, shuffled } from '../sender.ts';
import type { Result } from '../sender.ts';
import type { Progress } from './scenario.ts';

/** Each event sent one to five times, in random order, in parallel, to any instance, half of the copies under a token of their own. */
export async function manyCopies(
  fleet: Fleet,
  options: { deliveries: number },
  progress: Progress = () => {},
): Promise<Result> {
  const sender = newSender(fleet);
  const deliveries = await newDeliveries(fleet, options.deliveries, () => Math.floor(fleet.random() * 5));
  const copies = deliveries.flatMap((delivery) => {
    const token = fleet.cloud.acs.token();
    return Array.from({ length: 1 + Math.floor(fleet.random() * 5) }, (_, index) => ({
      delivery,
      token,
      index,
    }));
  });
  let done = 0;
  await inParallel(shuffled(copies, fleet.random), 24, async ({ delivery, token, index }) => {
    await sender.deliver(delivery, index % 2 === 0 ? token : fleet.cloud.acs.token());
    progress(++done, copies.length);
  });
  return await sender.result(deliveries);
}
