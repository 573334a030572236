import { startFleet } from '../fleet.ts';
import { inParallel, newDeliveries, newSender, shuffled } from '../sender.ts';
import type { Result } from '../sender.ts';
import type { Progress } from './scenario.ts';

/**
 * The table goes away when a third of the events have been answered, with others in the middle of their handlers, and
 * comes back when a third more have been answered or, where they are refused, as many refusals have been seen.
 */
export async function tableOutage(
  options: { instances: number; deliveries: number; mode: 'proceed' | 'refuse' },
  progress: Progress = () => {},
): Promise<Result & { toldInTheLog: number; healthWhileOut: number; healthAfterwards: number }> {
  const fleet = await startFleet(options.instances, { LEDGER_OUTAGE: options.mode });
  try {
    const sender = newSender(fleet);
    const deliveries = await newDeliveries(fleet, options.deliveries, () => Math.floor(Math.random() * 30));
    const copies = shuffled(deliveries.flatMap((delivery) => [delivery, delivery]));
    const third = options.deliveries / 3;
    let state: 'before' | 'out' | 'over' = 'before';
    let done = 0;
    let refusedBefore = 0;
    let healthWhileOut = 0;
    const health = async () => (await fetch(`${fleet.urlOf(0)}/api/health`)).status;

    async function turn(): Promise<void> {
      if (state === 'before' && sender.answered() >= third) {
        state = 'out';
        refusedBefore = sender.times(503);
        await fleet.azurite.down();
      } else if (
        state === 'out' &&
        (sender.answered() >= 2 * third || sender.times(503) - refusedBefore >= third)
      ) {
        state = 'over';
        healthWhileOut = await health();
        await fleet.azurite.up();
      }
    }
    const watching = setInterval(() => void turn(), 5);
    try {
      await inParallel(copies, 24, async (delivery) => {
        await sender.deliver(delivery, fleet.clouds.acs.token());
        progress(++done, copies.length);
      });
    } finally {
      clearInterval(watching);
    }
    const told = fleet.output().split('{"ringward":"ledger-unavailable"').length - 1;
    return {
      ...(await sender.result(deliveries)),
      toldInTheLog: told,
      healthWhileOut,
      healthAfterwards: await health(),
    };
  } finally {
    await fleet.close();
  }
}
