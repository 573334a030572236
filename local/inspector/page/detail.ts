import type { CallView, Detail, State } from '../contract.ts';
import { readCall, readDelivery } from './api.ts';
import { callView } from './call.ts';
import type { CallShown } from './call.ts';
import { deliveryView } from './delivery.ts';
import type { Replayed } from './replay.ts';

/** What is open. */
export type Opened = {
  readonly article: HTMLElement;
  /** Asks again and draws what has changed. False where it is no longer kept. */
  readonly refresh: () => Promise<boolean>;
};

export function openDelivery(id: number, state: () => State | undefined, replayed: Replayed): Opened {
  const { article, show } = deliveryView(state, replayed);
  article.dataset.view = 'delivery';
  article.dataset.delivery = String(id);
  return { article, refresh: newestOf(() => readDelivery(id), show, replayed.onFailed) };
}

export function openCall(id: string, onFailed: (message: string) => void): Opened {
  const { article, show } = callView();
  article.dataset.view = 'call';
  return {
    article,
    refresh: newestOf(async () => withSockets(await readCall(id)), show, onFailed),
  };
}

/** Only the delivery of a socket knows when it ended and what it carried. */
async function withSockets(call: CallView | undefined): Promise<CallShown | undefined> {
  if (!call) return undefined;
  const ofMedia = call.deliveries.filter(
    ({ provider, verdict }) => provider === 'media' && verdict === 'accepted',
  );
  const details = await Promise.all(ofMedia.map(({ id }) => readDelivery(id)));
  return { call, sockets: details.filter((one): one is Detail => one?.socket !== undefined) };
}

/** An answer that was overtaken by that to a later question is not drawn. */
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
