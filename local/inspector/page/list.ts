import { button, element } from './element.ts';
import { filterBar } from './filters.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { oncePerFrame } from './live.ts';
import { deliveryRows } from './rows.ts';
import { count } from './format.ts';

/** Rows at first, and more at each click: thousands would make typing slow. */
const ROWS = 200;
const columns = ['Time', 'Provider', 'Event', 'Verdict', 'Reason', 'Status', 'ms'] as const;

/** The live list, newest first. */
export function deliveryList(section: HTMLElement, store: DeliveryStore, open: (id: number) => void) {
  let most = ROWS;
  /** The newest delivery when the list was paused. */
  let pausedAt: number | undefined;

  const draw = oncePerFrame(show);
  const filters = filterBar(() => {
    most = ROWS;
    draw();
  });
  const pause = button(
    'Pause',
    () => {
      pausedAt = pausedAt === undefined ? store.newest() : undefined;
      pause.setAttribute('aria-pressed', String(pausedAt !== undefined));
      draw();
    },
    { class: 'quiet', 'aria-pressed': 'false' },
  );
  const body = element('tbody', { role: 'rowgroup' });
  const table = element(
    'table',
    { class: 'deliveries', role: 'grid', 'aria-labelledby': 'list-heading', 'aria-readonly': 'true' },
    element(
      'thead',
      { role: 'rowgroup' },
      element(
        'tr',
        { role: 'row' },
        ...columns.map((name) => element('th', { role: 'columnheader', scope: 'col' }, name)),
      ),
    ),
    body,
  );
  const rows = deliveryRows(body, open);
  const empty = element('div', { class: 'empty', hidden: true });
  const more = button(`Show ${ROWS} more`, () => {
    most += ROWS;
    draw();
  });
  const told = element('p', { class: 'muted', id: 'shown' });
  const foot = element('div', { class: 'foot' }, told, more);
  const scroller = element(
    'div',
    { class: 'scroller', id: 'deliveries', tabindex: '-1' },
    table,
    empty,
    foot,
  );
  section.append(
    element('div', { class: 'list-head' }, element('h2', { id: 'list-heading' }, 'Deliveries'), pause),
    filters.form,
    scroller,
  );

  function show(): void {
    const { shown, counts, matching } = store.matching(filters.read(), pausedAt ?? Infinity, most);
    rows.show(shown);
    filters.showCounts(counts);
    filters.showProviders(store.providers());
    const waiting = pausedAt === undefined ? 0 : [...newerThan(pausedAt)].length;
    pause.textContent = pausedAt === undefined ? 'Pause' : `Resume${waiting > 0 ? ` (${waiting} new)` : ''}`;
    table.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    if (shown.length === 0) empty.replaceChildren(...nothing());
    told.textContent =
      shown.length === 0 ? '' : `${shown.length} of ${count(matching, 'delivery', 'deliveries')}`;
    more.hidden = matching <= shown.length;
  }

  function* newerThan(id: number) {
    for (const summary of store.newestFirst()) {
      if (summary.id <= id) return;
      yield summary;
    }
  }

  function nothing(): readonly HTMLElement[] {
    if (store.size() > 0) {
      return [
        element('p', {}, 'No delivery fits the filter.'),
        button('Clear the filter', () => {
          filters.clear();
          filters.search.focus();
        }),
      ];
    }
    return [
      element('p', {}, 'Nothing has come in yet.'),
      element('p', { class: 'muted' }, 'Send something genuine or forged, and it appears here.'),
    ];
  }

  show();
  return { draw, search: filters.search, ...rows, togglePause: () => pause.click() };
}
