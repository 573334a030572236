import type { Part, State } from '../contract.ts';
import { rotate, setOutage } from './api.ts';
import { copyText } from './clipboard.ts';
import { button, element, link } from './element.ts';

/** What each outage does, and what it is called. */
const parts: Readonly<Record<Part, { readonly name: string; readonly lost: string }>> = {
  keys: { name: 'Keys', lost: "the issuer's keys are not available" },
  vault: { name: 'Vault', lost: 'the vault with the secrets does not answer' },
  ledger: { name: 'Ledger', lost: 'the table that says what was handled does not answer' },
};
const rotations = {
  keys: { name: 'Keys', does: 'The issuer signs with a new key from now on' },
  vault: { name: 'Vault', does: 'The vault makes a new version of each secret' },
} as const;
const appWords: Readonly<Record<State['app'], string>> = {
  running: 'running',
  starting: 'starting…',
  failed: 'failed: see the terminal',
};

export type Top = {
  readonly onState: (state: State) => void;
  readonly onDone: (message: string) => void;
  readonly onFailed: (message: string) => void;
};

/** The head of the page: how the app is, and what can be made to happen to it. */
export function topBar(header: HTMLElement, { onState, onDone, onFailed }: Top) {
  const app = element('span', { class: 'app', role: 'status' }, 'connecting…');
  const address = element('code', {}, '');
  const copy = button('Copy', () => void copied(), { class: 'quiet', 'aria-label': 'Copy the base URL' });
  const outages = Object.entries(parts).map(([key, { name, lost }]) => {
    const part = key as Part;
    const toggle = button(
      name,
      () => {
        const out = toggle.getAttribute('aria-pressed') !== 'true';
        void order(toggle, () => setOutage({ part, out }), `${name}: ${out ? lost : 'back again'}`);
      },
      {
        'aria-pressed': 'false',
        'aria-label': `Outage: ${name.toLowerCase()}`,
        'aria-description': `While it is pressed, ${lost}.`,
        title: `While it is pressed, ${lost}`,
        'data-outage': part,
      },
    );
    return { part, toggle };
  });
  const turns = Object.entries(rotations).map(([key, { name, does }]) =>
    button(
      name,
      (clicked) => void order(clicked, () => rotate({ part: key as keyof typeof rotations }), `${does}.`),
      {
        'aria-label': `Rotate: ${name.toLowerCase()}`,
        'aria-description': `${does}.`,
        title: does,
        'data-rotate': key,
      },
    ),
  );
  header.append(
    element(
      'h1',
      {},
      element('span', { class: 'mark', 'aria-hidden': 'true' }),
      'Ringward',
      element('small', {}, 'inspector'),
    ),
    element('div', { class: 'where' }, app, address, copy),
    group('Outage', ...outages.map(({ toggle }) => toggle)),
    group('Rotate', ...turns),
    element(
      'nav',
      { 'aria-label': 'Views' },
      link('#deliveries', 'Deliveries', { class: 'only-narrow', 'data-at': 'list' }),
      link('#send', 'Send', { 'data-at': 'send' }),
      link('#calls', 'Calls', { 'data-at': 'calls' }),
      button(
        [element('span', { class: 'only-wide' }, 'Keys '), '?'],
        () => header.dispatchEvent(new CustomEvent('keys')),
        { class: 'quiet', 'aria-label': 'Keyboard' },
      ),
    ),
  );

  async function order(clicked: HTMLElement, ask: () => Promise<State>, done: string): Promise<void> {
    clicked.setAttribute('aria-busy', 'true');
    try {
      onState(await ask());
      onDone(done);
    } catch (fault) {
      onFailed((fault as Error).message);
    } finally {
      clicked.removeAttribute('aria-busy');
    }
  }

  async function copied(): Promise<void> {
    try {
      await copyText(address.textContent);
      onDone('Copied the base URL');
    } catch (fault) {
      onFailed(`${(fault as Error).message} Select the address instead.`);
    }
  }

  return {
    show({ app: how, baseUrl, outages: out }: State): void {
      app.textContent = appWords[how];
      app.dataset.app = how;
      address.textContent = baseUrl;
      for (const { part, toggle } of outages) toggle.setAttribute('aria-pressed', String(out.includes(part)));
    },
    lost(): void {
      app.textContent = 'connection lost';
      app.dataset.app = 'lost';
    },
    /** The sentence that stands over the page during an outage. */
    told: ({ outages: out }: State): string =>
      out.length === 0
        ? ''
        : `Outage: ${out.map((part) => parts[part].lost).join('; ')}. Press the button again to end it.`,
  };
}

function group(name: string, ...buttons: readonly HTMLElement[]): HTMLElement {
  return element(
    'div',
    { class: 'group', role: 'group', 'aria-label': name },
    element('span', { class: 'label', 'aria-hidden': 'true' }, name),
    ...buttons,
  );
}
