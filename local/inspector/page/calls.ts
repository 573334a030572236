import type { Summary } from '../contract.ts';
import { element, link } from './element.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { hashOf } from './router.ts';
import { count, shortType, stateBadge, timeElement } from './format.ts';

type Known = {
  readonly id: string;
  readonly last: Summary;
  caller: string | undefined;
  deliveries: number;
  failed: number;
  from: number;
};

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
    const { call, at, caller, failed } = summary;
    if (call === undefined) continue;
    const found = calls.get(call) ?? { id: call, last: summary, caller, deliveries: 0, failed: 0, from: at };
    found.deliveries += 1;
    found.from = at;
    found.caller = caller ?? found.caller;
    if (failed) found.failed += 1;
    calls.set(call, found);
  }
  return [...calls.values()].slice(0, 200);
}

function item({ id, caller, deliveries, failed, from, last }: Known): HTMLElement {
  return element(
    'li',
    {},
    timeElement(from),
    link(hashOf({ at: 'call', id }), [
      caller !== undefined && element('bdi', { class: 'caller' }, caller),
      element('bdi', {}, id),
    ]),
    element(
      'span',
      { class: 'muted' },
      failed > 0 && stateBadge({ verdict: 'accepted', failed: true }),
      `${failed > 0 ? ` ${failed} of ` : ''}${count(deliveries, 'delivery', 'deliveries')}, last ${shortType(last.types[0] ?? last.path)}`,
    ),
  );
}
