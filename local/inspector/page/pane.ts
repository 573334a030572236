import type { SendResult, State, Summary } from '../contract.ts';
import { callsView } from './calls.ts';
import { button, element } from './element.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { openCall, openDelivery } from './detail.ts';
import type { DetailView } from './detail.ts';
import { go, routeOf } from './router.ts';
import type { Route } from './router.ts';
import { sendPanel } from './send.ts';

export type Pane = {
  readonly section: HTMLElement;
  /** Knows what is open too, since on a phone that replaces the list. */
  readonly rooms: HTMLElement;
  readonly kept: DeliveryStore;
  readonly state: () => State | undefined;
  readonly onSent: (result: SendResult) => void;
  readonly onCopied: (message: string) => void;
  readonly onFailed: (message: string) => void;
  readonly onOpened: (id: number | undefined) => void;
  readonly focusList: () => void;
};

/** What is open beside the list: a delivery, a call, the calls, or what can be sent. */
export function openPane(given: Pane) {
  const { section, rooms, kept, state, onSent, onCopied, onFailed, onOpened, focusList } = given;
  const send = sendPanel({ onSent, onFailed });
  const calls = callsView(kept);
  const close = button('Close', () => go({ at: 'list' }), {
    class: 'close quiet',
    'aria-label': 'Close, back to the list',
  });
  const inside = element('div', { class: 'scroller' });
  section.append(close, inside);
  let route: Route = { at: 'list' };
  let view: DetailView = sending();
  let isStale = false;

  addEventListener('hashchange', () => void follow(true));
  void follow(false);

  async function follow(takesFocus: boolean): Promise<void> {
    const before = route;
    route = routeOf(location.hash);
    rooms.dataset.at = route.at;
    for (const one of document.querySelectorAll<HTMLElement>('nav [data-at]')) {
      if (one.dataset.at === route.at) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
    onOpened(route.at === 'delivery' ? route.id : undefined);
    const next = viewOf(route);
    view = next;
    const found = await next.refresh();
    if (view !== next) return;
    inside.replaceChildren(found ? next.article : forgotten());
    inside.scrollTop = 0;
    if (!takesFocus) return;
    if (route.at === 'list') return before.at === 'list' ? undefined : focusList();
    if (route.at === 'send') return send.focus();
    inside.querySelector('h2')?.focus();
  }

  function viewOf({ at, ...of }: Route): DetailView {
    if (at === 'delivery' && 'id' in of)
      return openDelivery(Number(of.id), state, { onReplayed: onSent, onCopied, onFailed });
    if (at === 'call' && 'id' in of) return openCall(String(of.id), onFailed);
    if (at === 'calls') return { article: calls.article, refresh: async () => (calls.show(), true) };
    return sending();
  }

  function sending(): DetailView {
    return { article: send.article, refresh: async () => true };
  }

  function concerns({ id, call: of }: Summary): boolean {
    return (
      (route.at === 'delivery' && route.id === id) ||
      (route.at === 'call' && route.id === of) ||
      (route.at === 'calls' && of !== undefined)
    );
  }

  return {
    open: (id: number) => go({ at: 'delivery', id }),
    close: () => (route.at === 'list' ? focusList() : go({ at: 'list' })),
    toSend(): void {
      if (route.at === 'send') send.focus();
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
