import { button, element } from './element.ts';

/** Members of one object, and characters of one text, that are shown at once. */
const MEMBERS = 100;
const CHARACTERS = 2000;
const OPEN_DEPTH = 2;

/** JSON that folds. What is folded is drawn when it is opened: a body may be a megabyte, or ten thousand deep. */
export function foldedJson(value: unknown): HTMLElement {
  return element('div', { class: 'json' }, node(undefined, value, 0));
}

function node(name: string | undefined, value: unknown, depth: number): HTMLElement {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    return element('div', { class: 'leaf' }, ...nameOf(name), leaf(value));
  }
  return folded(name, value, depth);
}

function folded(name: string | undefined, value: object, depth: number): HTMLElement {
  const isList = Array.isArray(value);
  const size = Object.keys(value).length;
  const inside = element('div', { class: 'inside' });
  const fold = element(
    'details',
    {},
    element(
      'summary',
      {},
      ...nameOf(name),
      element('span', { class: 'size' }, isList ? `[ ${size} ]` : `{ ${size} }`),
    ),
    inside,
  );
  let isDrawn = false;
  function draw(): void {
    if (isDrawn) return;
    isDrawn = true;
    const members = Object.entries(value).map(
      ([member, of]) =>
        () =>
          node(member, of, depth + 1),
    );
    inside.append(...capped(members));
  }
  fold.addEventListener('toggle', draw);
  if (depth < OPEN_DEPTH) {
    draw();
    fold.open = true;
  }
  return fold;
}

function* capped(members: readonly (() => HTMLElement)[]): Generator<HTMLElement> {
  for (const member of members.slice(0, MEMBERS)) yield member();
  if (members.length <= MEMBERS) return;
  yield button(
    `Show all ${members.length.toLocaleString('en')}`,
    (clicked) => clicked.replaceWith(...members.slice(MEMBERS).map((member) => member())),
    { class: 'quiet' },
  );
}

function nameOf(name: string | undefined): readonly HTMLElement[] {
  return name === undefined ? [] : [element('bdi', { class: 'member' }, name)];
}

function leaf(value: unknown): HTMLElement {
  if (typeof value !== 'string') return element('span', { class: 'value' }, JSON.stringify(value));
  return cappedText(JSON.stringify(value), 'text');
}

/** Long text whose rest is shown on demand. */
export function cappedText(text: string, kind: string): HTMLElement {
  const shown = element('bdi', { class: kind }, text.slice(0, CHARACTERS));
  if (text.length <= CHARACTERS) return shown;
  const rest = button(
    `… show all ${text.length.toLocaleString('en')} characters`,
    () => void (shown.textContent = text),
    { class: 'quiet' },
  );
  shown.append(rest);
  return shown;
}
