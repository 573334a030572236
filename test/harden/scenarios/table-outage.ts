import { healthy } from '../../support/healthy.ts';
import type { Fleet } from '../fleet.ts';
import { inParallel, newDeliveries, newSender, shuffled } from '../sender.ts';
import type { Result } from '../sender.ts';
import type { Progress } from './scenario.ts';

type Outage = {
  /** Lines of the log about it, of all instances. */
  readonly toldInTheLog: number;
  readonly answeredWhileOut: number;
  /** The statuses of the health of one instance. */
  readonly healthWhileOut: number;
  readonly healthAfterwards: number;
};

/**
 * The table goes away when a third of the events have been answered, with others in the middle of their handlers, and
 * comes back when a third more have been answered or, where they are refused, as many refusals have been seen.
 */
export async function tableOutage(
  fleet: Fleet,
  options: { deliveries: number },
  progress: Progress = () => {},
): Promise<Result & Outage> {
  const sender = newSender(fleet);
  const deliveries = await newDeliveries(fleet, options.deliveries, () => Math.floor(fleet.random() * 30));
  const copies = shuffled(
    deliveries.flatMap((delivery) => [delivery, delivery]),
    fleet.random,
  );
  const third = options.deliveries / 3;
  let state: 'before' | 'out' | 'over' = 'before';
  let done = 0;
  let refusedBefore = 0;
  let answeredBefore = 0;
  let answeredWhileOut = 0;
  let healthWhileOut = 0;
  const health = async () => (await fetch(`${fleet.urlOf(0)}/api/health`)).status;

  async function turn(): Promise<void> {
    if (state === 'before' && sender.answered() >= third) {
      state = 'out';
      refusedBefore = sender.times(503);
      answeredBefore = sender.answered();
      await fleet.azurite.down();
    } else if (
      state === 'out' &&
      (sender.answered() >= 2 * third || sender.times(503) - refusedBefore >= third)
    ) {
      state = 'over';
      answeredWhileOut = sender.answered() - answeredBefore;
      healthWhileOut = await health();
      await fleet.azurite.up();
    }
  }
  const watching = setInterval(() => void turn(), 5);
  try {
    await inParallel(copies, 24, async (delivery) => {
      await sender.deliver(delivery, fleet.cloud.acs.token());
      progress(++done, copies.length);
    });
  } finally {
    clearInterval(watching);
  }
  await healthy(fleet.urlOf(0));
  const told = fleet.output().split('{"ringward":"ledger-unavailable"').length - 1;
  return {
    ...(await sender.result(deliveries)),
    toldInTheLog: told,
    answeredWhileOut,
    healthWhileOut,
    healthAfterwards: await health(),
  };
}
