import { button, element } from './element.ts';
import { filterBar } from './filters.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { oncePerFrame } from './live.ts';
import { deliveryRows } from './rows.ts';
import { count } from './format.ts';

/** Rows at first, and more at each click: thousands would make typing slow. */
const ROWS = 200;
const columns = ['Time', 'Provider', 'Event', 'Verdict', 'Reason', 'Status', 'ms'] as const;

/** The live list, newest first. The forgeries that `npm start` played are folded below. */
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
  const own = element('tbody', { role: 'rowgroup' });
  let isUnfolded = false;
  const fold = button(
    '',
    () => {
      isUnfolded = !isUnfolded;
      draw();
    },
    { class: 'quiet fold', 'aria-expanded': 'false' },
  );
  const played = element(
    'tbody',
    { role: 'rowgroup', hidden: true },
    element('tr', { role: 'row', class: 'group-head' }, element('td', { role: 'gridcell' }, fold)),
  );
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
    own,
    played,
  );
  const rows = deliveryRows(own, played, open);
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
    const filter = filters.read();
    const { shown, counts, matching, played: forgeries } = store.matching(filter, pausedAt ?? Infinity, most);
    // Who searches sees what was found.
    const isOpen = isUnfolded || filter.text.trim() !== '';
    rows.show(shown, isOpen ? forgeries : []);
    fold.textContent = `${count(forgeries.length, 'forgery', 'forgeries')} that npm start played`;
    fold.setAttribute('aria-expanded', String(isOpen));
    played.hidden = forgeries.length === 0;
    filters.showCounts(counts);
    filters.showProviders(store.providers());
    const waiting = pausedAt === undefined ? 0 : [...newerThan(pausedAt)].length;
    pause.textContent = pausedAt === undefined ? 'Pause' : `Resume${waiting > 0 ? ` (${waiting} new)` : ''}`;
    const isEmpty = shown.length === 0 && forgeries.length === 0;
    table.hidden = isEmpty;
    empty.hidden = !isEmpty;
    if (isEmpty) empty.replaceChildren(...nothing());
    told.textContent =
      shown.length === 0 ? '' : `${shown.length} of ${count(matching, 'delivery', 'deliveries')}`;
    more.hidden = matching <= shown.length;
  }

  function* newerThan(id: number) {
    for (const summary of store.newestFirst()) {
      if (summary.id <= id) return;
      if (!summary.played) yield summary;
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
