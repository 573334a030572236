import type { Fleet } from '../fleet.ts';
import { inParallel, newDeliveries, newSender } from '../sender.ts';
import type { Result } from '../sender.ts';
import type { Progress } from './scenario.ts';

/** Events that are sent at a time. */
const AT_ONCE = 12;

/** Instances are killed in the middle of their work, one after the other, while events keep coming. */
export async function crashes(
  fleet: Fleet,
  options: { kills: number },
  progress: Progress = () => {},
): Promise<Result & { kills: number }> {
  const sender = newSender(fleet);
  const sent = [];
  let kills = 0;
  const killing = (async () => {
    while (kills < options.kills) {
      await fleet.crash(kills % fleet.size);
      progress(++kills, options.kills);
    }
  })();
  while (kills < options.kills) {
    const deliveries = await newDeliveries(fleet, 4 * AT_ONCE, () => Math.floor(fleet.random() * 100));
    sent.push(...deliveries);
    await inParallel(deliveries, AT_ONCE, (delivery) => sender.deliver(delivery, fleet.cloud.acs.token()));
  }
  await killing;
  return { kills, ...(await sender.result(sent)) };
}
