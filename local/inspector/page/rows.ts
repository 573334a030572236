import type { Summary } from '../contract.ts';
import { element } from './element.ts';
import { milliseconds, providerName, reasonOf, shortType, timeElement, stateBadge } from './format.ts';

type Row = { readonly node: HTMLTableRowElement; summary: Summary };

/**
 * The rows of the list, in two bodies of its table. One of them takes the focus at a time, and the arrow keys go from one to
 * the next.
 *
 * @param played has the played forgeries, below a row that opens them
 */
export function deliveryRows(own: HTMLElement, played: HTMLElement, open: (id: number) => void) {
  const rows = new Map<number, Row>();
  let inOrder: readonly number[] = [];
  let current: number | undefined;
  let opened: number | undefined;

  for (const body of [own, played]) {
    body.addEventListener('click', ({ target }) => {
      const id = idOf(target);
      if (id !== undefined) open(id);
    });
    body.addEventListener('focusin', ({ target }) => {
      const id = idOf(target);
      if (id !== undefined) makeCurrent(id);
    });
  }

  function show(ownShown: readonly Summary[], playedShown: readonly Summary[]): void {
    const summaries = [...ownShown, ...playedShown];
    const wanted = new Set(summaries.map(({ id }) => id));
    const focused = idOf(document.activeElement);
    for (const [id, { node }] of rows) {
      if (wanted.has(id)) continue;
      node.remove();
      rows.delete(id);
    }
    place(own, ownShown);
    place(played, playedShown);
    inOrder = summaries.map(({ id }) => id);
    if (current === undefined || !wanted.has(current)) makeCurrent(inOrder[0]);
    // What had the focus is gone: it stays in the list all the same.
    if (focused !== undefined && !wanted.has(focused)) focusCurrent();
  }

  function place(body: HTMLElement, summaries: readonly Summary[]): void {
    let next: Element | null = body.querySelector('tr[data-id]');
    for (const summary of summaries) {
      const { node } = rowOf(summary);
      if (node === next) next = next.nextElementSibling;
      else body.insertBefore(node, next);
    }
  }

  function rowOf(summary: Summary): Row {
    const known = rows.get(summary.id);
    if (known?.summary === summary) return known;
    if (known) {
      known.node.replaceChildren(...cells(summary));
      known.summary = summary;
      return known;
    }
    const node = element(
      'tr',
      { role: 'row', tabindex: '-1', 'data-id': summary.id, 'aria-selected': String(summary.id === opened) },
      ...cells(summary),
    );
    const row = { node, summary };
    rows.set(summary.id, row);
    // A delivery that was just sent opens before it is in the list.
    if (summary.id === opened) makeCurrent(opened);
    return row;
  }

  function makeCurrent(id: number | undefined): void {
    if (current !== undefined) rows.get(current)?.node.setAttribute('tabindex', '-1');
    current = id;
    if (id !== undefined) rows.get(id)?.node.setAttribute('tabindex', '0');
  }

  function focusCurrent(): void {
    if (current !== undefined) rows.get(current)?.node.focus();
  }

  return {
    show,
    /** One row further down or up, or to the first or the last. */
    move(step: 1 | -1 | 'first' | 'last'): void {
      const at = current === undefined ? -1 : inOrder.indexOf(current);
      const inList = idOf(document.activeElement) !== undefined;
      const to = typeof step === 'number' ? (inList ? at + step : Math.max(at, 0)) : 0;
      const id = step === 'last' ? inOrder.at(-1) : inOrder[Math.min(Math.max(to, 0), inOrder.length - 1)];
      makeCurrent(id);
      focusCurrent();
    },
    /** Marks the row of what is open. */
    mark(id: number | undefined): void {
      if (opened !== undefined) rows.get(opened)?.node.setAttribute('aria-selected', 'false');
      opened = id;
      if (id === undefined) return;
      rows.get(id)?.node.setAttribute('aria-selected', 'true');
      if (rows.has(id)) makeCurrent(id);
    },
    focusCurrent,
    focused: (): number | undefined => idOf(document.activeElement),
  };
}

function cells(summary: Summary): HTMLTableCellElement[] {
  const { sent, path, method, at, provider, status, replayOf, milliseconds: took } = summary;
  const types = summary.types.map(shortType);
  const name = sent ?? types[0] ?? `${method} ${path}`;
  const others = types.filter((type) => !name.startsWith(type));
  const beside = [
    others[0] && (others.length > 1 ? `${others[0]} +${others.length - 1}` : others[0]),
    replayOf !== undefined && `replay of ${replayOf}`,
  ]
    .filter(Boolean)
    .join(', ');
  const reason = reasonOf(summary);
  return [
    cell('time', timeElement(at)),
    cell('provider', providerName(provider)),
    cell(
      'what',
      element('bdi', { class: 'event', title: name }, name),
      beside !== '' && element('bdi', { class: 'beside' }, beside),
    ),
    cell('verdict', stateBadge(summary)),
    cell('reason', element('bdi', { title: reason }, reason)),
    cell('status', status === undefined ? '…' : String(status || 'none')),
    cell('took', milliseconds(took)),
  ];
}

function cell(name: string, ...children: readonly (Node | string | false)[]): HTMLTableCellElement {
  return element('td', { role: 'gridcell', class: name }, ...children);
}

function idOf(target: EventTarget | null): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-id]') : null;
  return row ? Number(row.dataset.id) : undefined;
}
