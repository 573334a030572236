import { callback } from '../../../local/providers/call-automation/requests.ts';
import { newCall } from '../../../local/providers/call-automation/requests.ts';
import { startFleet } from '../fleet.ts';
import type { Fleet } from '../fleet.ts';
import type { Case } from './app-cases.ts';
import { exchange, straight } from './wire.ts';
import type { Bent } from './wire.ts';

/** The staged bundle in the local host, to be abused. */
export async function startAbused(): Promise<Fleet> {
  return startFleet(1);
}

/** A genuine request that nobody has sent yet, and the id of its event. */
export async function genuineRequest(fleet: Fleet): Promise<{ id: string; bent: Bent }> {
  const event = newCall().event('PlayCompleted');
  const uri = fleet.at(await fleet.callbackUri(), 0);
  return { id: event.id, bent: straight(callback(fleet.cloud.acs, uri, [event])) };
}

export const portOf = (fleet: Fleet) => Number(new URL(fleet.urlOf(0)).port);

/** What came of a case, in the form of what should. */
export async function tryCase(fleet: Fleet, { bend }: Case) {
  const { id, bent } = await genuineRequest(fleet);
  const { statuses } = await exchange(portOf(fleet), bend(bent));
  return { statuses, handled: (await fleet.begun()).get(id)?.length ?? 0 };
}

export function shouldCome({ statuses, handled }: Case) {
  return { statuses, handled: handled ? 1 : 0 };
}
