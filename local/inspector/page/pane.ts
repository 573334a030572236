import type { Detail, SendResult, State, Summary } from '../contract.ts';
import { readCall, readDelivery } from './api.ts';
import { callView } from './call.ts';
import { callsView } from './calls.ts';
import { deliveryView } from './delivery.ts';
import { button, element } from './element.ts';
import type { KeptDeliveries } from './kept.ts';
import { go, placeOf } from './place.ts';
import type { Place } from './place.ts';
import { sendPanel } from './send.ts';

export type Pane = {
  readonly section: HTMLElement;
  /** Knows what is open too, since on a phone that takes the place of the list. */
  readonly rooms: HTMLElement;
  readonly kept: KeptDeliveries;
  readonly state: () => State | undefined;
  readonly onSent: (result: SendResult) => void;
  readonly onFailed: (message: string) => void;
  readonly onOpened: (id: number | undefined) => void;
  readonly focusList: () => void;
};

/** What is open beside the list: a delivery, a call, the calls, or what can be sent. */
export function openPane({ section, rooms, kept, state, onSent, onFailed, onOpened, focusList }: Pane) {
  const send = sendPanel({ onSent, onFailed });
  const calls = callsView(kept);
  const close = button('Close', () => go({ at: 'list' }), {
    class: 'close quiet',
    'aria-label': 'Close, back to the list',
  });
  const inside = element('div', { class: 'scroller' });
  section.append(close, inside);
  let place: Place = { at: 'list' };
  let view: { readonly article: HTMLElement; readonly refresh: () => Promise<boolean> } = sending();
  let isStale = false;

  addEventListener('hashchange', () => void follow(true));
  void follow(false);

  async function follow(takesFocus: boolean): Promise<void> {
    const before = place;
    place = placeOf(location.hash);
    rooms.dataset.at = place.at;
    for (const one of document.querySelectorAll<HTMLElement>('nav [data-at]')) {
      if (one.dataset.at === place.at) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
    onOpened(place.at === 'delivery' ? place.id : undefined);
    const next = viewOf(place);
    view = next;
    const found = await next.refresh();
    if (view !== next) return;
    inside.replaceChildren(found ? next.article : forgotten());
    inside.scrollTop = 0;
    if (!takesFocus) return;
    if (place.at === 'list') return before.at === 'list' ? undefined : focusList();
    if (place.at === 'send') return send.focus();
    inside.querySelector('h2')?.focus();
  }

  function viewOf({ at, ...of }: Place): typeof view {
    if (at === 'delivery' && 'id' in of) return delivery(Number(of.id));
    if (at === 'call' && 'id' in of) return call(String(of.id));
    if (at === 'calls') return { article: calls.article, refresh: async () => (calls.show(), true) };
    return sending();
  }

  function sending(): typeof view {
    return { article: send.article, refresh: async () => true };
  }

  function delivery(id: number): typeof view {
    const drawn = deliveryView(state, { onReplayed: onSent, onFailed });
    return {
      article: drawn.article,
      async refresh() {
        const detail = await asked(() => readDelivery(id));
        if (detail) drawn.show(detail);
        drawn.article.dataset.view = 'delivery';
        drawn.article.dataset.delivery = String(id);
        return detail !== undefined;
      },
    };
  }

  function call(id: string): typeof view {
    const drawn = callView();
    drawn.article.dataset.view = 'call';
    return {
      article: drawn.article,
      async refresh() {
        const found = await asked(() => readCall(id));
        if (!found) return false;
        const ofMedia = found.deliveries.filter(
          ({ provider, verdict }) => provider === 'media' && verdict === 'accepted',
        );
        const details = await Promise.all(ofMedia.map((one) => asked(() => readDelivery(one.id))));
        drawn.show({
          call: found,
          sockets: details.filter((one): one is Detail => one?.socket !== undefined),
        });
        return true;
      },
    };
  }

  async function asked<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    try {
      return await ask();
    } catch (fault) {
      onFailed((fault as Error).message);
      return undefined;
    }
  }

  function concerns({ id, call: of }: Summary): boolean {
    return (
      (place.at === 'delivery' && place.id === id) ||
      (place.at === 'call' && place.id === of) ||
      (place.at === 'calls' && of !== undefined)
    );
  }

  return {
    open: (id: number) => go({ at: 'delivery', id }),
    toSend(): void {
      if (place.at === 'send') send.focus();
      else go({ at: 'send' });
    },
    changed(summaries: readonly Summary[]): void {
      isStale ||= summaries.some(concerns);
    },
    draw(): void {
      if (isStale) void view.refresh();
      isStale = false;
    },
    showState: send.show,
  };
}

function forgotten(): HTMLElement {
  return element(
    'div',
    { class: 'empty' },
    element('h2', { tabindex: '-1' }, 'No longer kept'),
    element('p', { class: 'muted' }, 'npm start keeps the newest ones, and was perhaps started anew since.'),
  );
}
