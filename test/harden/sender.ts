import { setTimeout as wait } from 'node:timers/promises';
import { callback } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import type { Fleet } from './fleet.ts';

/** An event that is about to be delivered, as often as a scenario likes. */
export type Delivery = { readonly id: string; readonly uri: string; readonly event: unknown };

/** A sender gives up after so many attempts. */
const PATIENCE = 400;
/** What a sender waits after an answer that is not 200, in milliseconds: less than any real one, to go hard on the app. */
const AGAIN = 50;
/** Events of one call. */
const OF_A_CALL = 5;

/** @param milliseconds that the handler of each event takes */
export async function newDeliveries(
  fleet: Fleet,
  count: number,
  milliseconds: () => number,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  while (deliveries.length < count) {
    const call = newCall();
    const uri = await fleet.callbackUri();
    for (let index = 0; index < OF_A_CALL && deliveries.length < count; index++) {
      const event = call.event('PlayCompleted', { operationContext: String(milliseconds()) });
      deliveries.push({ id: event.id, uri, event });
    }
  }
  return deliveries;
}

/** A sender to a fleet, who writes down when an event was first answered 200, and how often it sent. */
export function newSender(fleet: Fleet) {
  const answered = new Map<string, number>();
  const statuses = new Map<number, number>();

  /** Sends until it is answered 200, each time to any instance. A connection that breaks is no answer: status 0. */
  async function deliver({ id, uri, event }: Delivery, token: string): Promise<void> {
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      const instance = Math.floor(fleet.random() * fleet.size);
      const status = await statusOf(callback(fleet.cloud.acs, fleet.at(uri, instance), [event], token));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 200) return void (answered.has(id) || answered.set(id, Date.now()));
      await wait(AGAIN);
    }
  }

  return {
    deliver,
    answered: () => answered.size,
    /** Answers by their status. */
    statuses: () => Object.fromEntries(statuses),
    times: (status: number) => statuses.get(status) ?? 0,
    /** What became of deliveries, held against what the handlers wrote down. */
    async result(deliveries: readonly Delivery[]): Promise<Result> {
      const begun = await fleet.begun();
      const times = deliveries.map(({ id }) => begun.get(id) ?? []);
      return {
        deliveries: deliveries.length,
        answers: Object.fromEntries(statuses),
        unanswered: deliveries.filter(({ id }) => !answered.has(id)).length,
        lost: times.filter((one) => one.length === 0).length,
        handledAgain: times.filter((one) => one.length > 1).length,
        handledAgainAfterItsAnswer: deliveries.filter(({ id }, index) =>
          times[index]?.some((time) => time > (answered.get(id) ?? Number.POSITIVE_INFINITY)),
        ).length,
      };
    },
  };
}

export type Result = {
  readonly deliveries: number;
  /** How often each status was answered; 0 where the connection broke. */
  readonly answers: Readonly<Record<string, number>>;
  /** Never answered 200. */
  readonly unanswered: number;
  readonly lost: number;
  readonly handledAgain: number;
  /** Handled again although it had been settled. */
  readonly handledAgainAfterItsAnswer: number;
};

export async function statusOf(request: OutgoingRequest): Promise<number> {
  try {
    return (await post(request)).status;
  } catch {
    return 0;
  }
}

/** Runs work so many at a time, in the order given. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const all = [...items];
  for (let index = all.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [all[index], all[other]] = [all[other] as Item, all[index] as Item];
  }
  return all;
}
