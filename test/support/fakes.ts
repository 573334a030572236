import { startFakeCloud } from '../../local/fake-cloud.ts';
import { callAutomation as calls } from '../../local/providers/call-automation/index.ts';
import { eventGrid as grid } from '../../local/providers/event-grid/index.ts';
import { vonage } from '../../local/providers/vonage/index.ts';
import type { FakeCloud } from '../../local/target.ts';

/** The fake cloud, with the parts of each fake service by name. */
export type Fakes = ReturnType<typeof withFakes>;

export function withFakes(cloud: FakeCloud) {
  const { acs, service: callAutomation } = cloud.of(calls);
  const eventGrid = cloud.of(grid);
  const { entra, subscriptionTo } = eventGrid;
  // Not a copy: the newest callback secret is a getter.
  return Object.assign(cloud, {
    acs,
    callAutomation,
    eventGrid,
    entra,
    subscriptionTo,
    vonage: cloud.of(vonage),
  });
}

export const startFakes = async (): Promise<Fakes> => withFakes(await startFakeCloud());
