export type Child = Node | string | undefined | false;
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Inserts text, never markup: an attacker may have written it. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter(isShown));
  return made;
}

export function button(
  label: Child | readonly Child[],
  onClick: (clicked: HTMLButtonElement) => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, ...[label].flat());
  made.addEventListener('click', () => onClick(made));
  return made;
}

export function link(href: string, label: Child | readonly Child[], attributes: Attributes = {}) {
  return element('a', { href, ...attributes }, ...[label].flat());
}

const SVG = 'http://www.w3.org/2000/svg';
const strokes = {
  check: 'M3 8.500l3.200 3.200L13 4.800',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 4.500V8l2.300 1.600M8 1.900a6.100 6.100 0 1 0 0 12.200a6.100 6.100 0 1 0 0-12.200',
  dash: 'M4 8h8',
  dots: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
} as const;

/** For the eye alone: a word always stands beside it. */
export function icon(name: keyof typeof strokes): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', strokes[name]);
  svg.append(path);
  return svg;
}

function isShown(child: Child): child is Node | string {
  return child !== undefined && child !== false;
}
