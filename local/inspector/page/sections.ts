import { element } from './element.ts';

/** One part of what is open: drawn from `of`, and drawn anew only where that has changed, so that nothing folds up. */
export type Section<Shown> = {
  readonly name: string;
  readonly of: (shown: Shown) => unknown;
  /** Undefined where there is nothing to show. */
  readonly draw: (shown: Shown) => HTMLElement | undefined;
};

export function sections<Shown>(parts: readonly Section<Shown>[]) {
  const article = element('article', {});
  const drawn = parts.map((part) => ({ part, from: '', node: undefined as HTMLElement | undefined }));

  return {
    article,
    show(shown: Shown): void {
      let after: Element | null = null;
      for (const slot of drawn) {
        const from = JSON.stringify(slot.part.of(shown)) ?? '';
        if (from !== slot.from || !slot.node) {
          const node = slot.part.draw(shown);
          if (node && slot.node) slot.node.replaceWith(node);
          else if (node) article.insertBefore(node, after ? after.nextSibling : article.firstChild);
          else slot.node?.remove();
          slot.node = node;
          slot.from = from;
        }
        after = slot.node ?? after;
      }
    },
  };
}

/** A part with a heading that folds. */
export function folding(
  heading: string,
  beside: string,
  isOpen: boolean,
  ...children: readonly (Node | string | undefined)[]
): HTMLElement {
  return element(
    'details',
    { class: 'part', open: isOpen },
    element(
      'summary',
      {},
      element('h3', {}, heading),
      beside !== '' && element('span', { class: 'muted' }, beside),
    ),
    ...children,
  );
}

/** A part that is always to be seen. */
export function part(heading: string, ...children: readonly (Node | string | undefined)[]): HTMLElement {
  return element('section', { class: 'part' }, element('h3', {}, heading), ...children);
}
