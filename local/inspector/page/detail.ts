import type { CallView, Detail, State } from '../contract.ts';
import { readCall, readDelivery } from './api.ts';
import { callView } from './call.ts';
import type { CallShown } from './timeline.ts';
import { deliveryView } from './delivery.ts';
import type { Replayed } from './replay.ts';

/** What is open. */
export type DetailView = {
  readonly article: HTMLElement;
  /** Asks again and draws what changed. False where it is no longer kept. */
  readonly refresh: () => Promise<boolean>;
};

export function openDelivery(id: number, state: () => State | undefined, replayed: Replayed): DetailView {
  const { article, show } = deliveryView(state, replayed);
  article.dataset.view = 'delivery';
  article.dataset.delivery = String(id);
  return { article, refresh: newestOf(() => readDelivery(id), show, replayed.onFailed) };
}

export function openCall(id: string, onFailed: (message: string) => void): DetailView {
  const { article, show } = callView();
  article.dataset.view = 'call';
  return {
    article,
    refresh: newestOf(async () => withSockets(await readCall(id)), show, onFailed),
  };
}

/** Only the detail of an upgrade says when its socket ended and what it carried. */
async function withSockets(call: CallView | undefined): Promise<CallShown | undefined> {
  if (!call) return undefined;
  const upgrades = call.deliveries.filter(({ status }) => status === 101);
  const details = await Promise.all(upgrades.map(({ id }) => readDelivery(id)));
  return { call, sockets: details.filter((one): one is Detail => one?.socket !== undefined) };
}

/** Ignores an answer that arrives after the answer to a later request. */
function newestOf<Shown>(
  ask: () => Promise<Shown | undefined>,
  show: (shown: Shown) => void,
  onFailed: (message: string) => void,
): () => Promise<boolean> {
  let asked = 0;
  let drawn = 0;
  return async () => {
    asked += 1;
    const mine = asked;
    try {
      const shown = await ask();
      if (shown === undefined) return false;
      if (mine > drawn) show(shown);
      drawn = Math.max(drawn, mine);
      return true;
    } catch (fault) {
      onFailed((fault as Error).message);
      return drawn > 0;
    }
  };
}
