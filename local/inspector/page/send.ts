import type { SendAction, SendResult, State } from '../contract.ts';
import { send } from './api.ts';
import { button, element } from './element.ts';
import { count } from './format.ts';

export type Sent = {
  readonly onSent: (result: SendResult) => void;
  readonly onFailed: (message: string) => void;
};

/** A button for each genuine kind of event and for each forgery. */
export function sendPanel({ onSent, onFailed }: Sent) {
  const search = element('input', {
    type: 'search',
    placeholder: 'Find among all of them…',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': 'Find something to send',
  });
  const groups = element('div', { class: 'groups' });
  const told = element('p', { class: 'muted', role: 'status' });
  const article = element(
    'article',
    { class: 'send', 'data-view': 'send' },
    element(
      'header',
      { class: 'opened' },
      element('h2', { tabindex: '-1' }, 'Send'),
      element(
        'p',
        { class: 'muted' },
        'The fakes sign it and send it to your app, as the cloud or a forger would. Then the delivery opens.',
      ),
      search,
      told,
    ),
    groups,
  );
  search.addEventListener('input', () => filter());
  let offered = '';
  let lastClicked: HTMLButtonElement | undefined;
  let wish = 0;

  function show({ genuine, forgeries }: State): void {
    const next = JSON.stringify([genuine, forgeries]);
    if (next === offered) return;
    offered = next;
    groups.replaceChildren(
      element('h3', {}, 'Genuine'),
      ...genuine.map(({ group, names }, at) =>
        folder(
          group,
          at === 0,
          names.map((name) => choice(name, '', { event: name })),
        ),
      ),
      element('h3', {}, 'Forged'),
      ...forgeries.map(({ family, members }, at) =>
        folder(
          family,
          at === 0,
          members.map(({ name, reason, status }) => choice(name, `${reason}, ${status}`, { forge: name })),
        ),
      ),
    );
    filter();
  }

  function choice(name: string, expected: string, order: SendAction): HTMLButtonElement {
    const kind = order.forge === undefined ? 'genuine' : 'forged';
    return button(
      [
        element('span', { class: 'name' }, name),
        expected !== '' && element('span', { class: 'then' }, expected),
      ],
      (clicked) => void sendIt(clicked, order),
      { class: `choice ${kind}`, 'data-words': `${name} ${expected}`.toLowerCase(), 'data-name': name },
    );
  }

  async function sendIt(clicked: HTMLButtonElement, order: SendAction): Promise<void> {
    lastClicked = clicked;
    wish += 1;
    const mine = wish;
    clicked.setAttribute('aria-busy', 'true');
    try {
      const result = await send(order);
      // A handler may take a while, and the user may have opened something else meanwhile.
      if (mine === wish) onSent(result);
    } catch (fault) {
      onFailed((fault as Error).message);
    } finally {
      clicked.removeAttribute('aria-busy');
    }
  }

  /** Groups with a match are open during a search, and as they were afterwards. */
  function filter(): void {
    const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of groups.querySelectorAll('details')) {
      let here = 0;
      for (const one of group.querySelectorAll<HTMLElement>('.choice')) {
        one.hidden = !wanted.every((word) => one.dataset.words?.includes(word));
        if (!one.hidden) here += 1;
      }
      group.hidden = here === 0;
      if (wanted.length > 0) group.open = here > 0;
      found += here;
    }
    told.textContent = wanted.length > 0 ? `${found} found` : '';
  }

  return {
    article,
    show,
    focus: () => (lastClicked?.isConnected && lastClicked.checkVisibility() ? lastClicked : search).focus(),
  };
}

function folder(name: string, isOpen: boolean, choices: readonly HTMLElement[]): HTMLElement {
  return element(
    'details',
    { class: 'folder', open: isOpen },
    element(
      'summary',
      {},
      element('h4', {}, name),
      element('span', { class: 'muted' }, count(choices.length, 'kind')),
    ),
    element('div', { class: 'choices' }, ...choices),
  );
}
