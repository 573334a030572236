import type { Summary } from '../contract.ts';
import { element, link } from './element.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { hashOf } from './router.ts';
import { count, shortType, timeElement } from './format.ts';

type Known = { readonly id: string; deliveries: number; refused: number; from: number; last: Summary };

/** The calls that the deliveries in the list belong to, newest first. */
export function callsView(kept: DeliveryStore) {
  const list = element('ul', { class: 'calls' });
  const article = element(
    'article',
    { 'data-view': 'calls' },
    element('header', { class: 'opened' }, element('h2', { tabindex: '-1' }, 'Calls')),
    list,
  );

  return {
    article,
    show(): void {
      const calls = known(kept);
      list.replaceChildren(...calls.map(item));
      if (calls.length === 0)
        list.append(element('li', { class: 'muted' }, 'No verified delivery of a call yet.'));
    },
  };
}

function known(kept: DeliveryStore): readonly Known[] {
  const calls = new Map<string, Known>();
  for (const summary of kept.newestFirst()) {
    const { call, at, verdict } = summary;
    if (call === undefined) continue;
    const found = calls.get(call) ?? { id: call, deliveries: 0, refused: 0, from: at, last: summary };
    found.deliveries += 1;
    found.from = at;
    if (verdict === 'rejected' || verdict === 'unavailable') found.refused += 1;
    calls.set(call, found);
  }
  return [...calls.values()].slice(0, 200);
}

function item({ id, deliveries, refused, from, last }: Known): HTMLElement {
  return element(
    'li',
    {},
    timeElement(from),
    link(hashOf({ at: 'call', id }), element('bdi', {}, id)),
    element(
      'span',
      { class: 'muted' },
      `${count(deliveries, 'delivery', 'deliveries')}${refused > 0 ? `, ${refused} not accepted` : ''}, last ${shortType(last.types[0] ?? last.path)}`,
    ),
  );
}
