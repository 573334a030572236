import { button, element } from './element.ts';

export type Shortcuts = {
  readonly move: (step: 1 | -1 | 'first' | 'last') => void;
  readonly openFocused: () => boolean;
  readonly close: () => void;
  readonly filter: () => void;
  readonly send: () => void;
  readonly pause: () => void;
};

const keys = [
  ['j, ↓', 'the next delivery'],
  ['k, ↑', 'the one before'],
  ['Home, End', 'the first and the last'],
  ['Enter', 'opens it'],
  ['Escape', 'closes it, back to the list'],
  ['/', 'to the filter'],
  ['s', 'to what can be sent'],
  ['p', 'pauses the list, and resumes it'],
  ['?', 'these keys'],
] as const;
const OFF = 'ringward-single-keys-off';

/** The keyboard. Letters can be switched off, since speech input and some switches press them by accident. */
export function listenToKeys(shortcuts: Shortcuts): { readonly showKeys: () => void } {
  const letters = element('input', { type: 'checkbox', checked: localStorage.getItem(OFF) !== 'yes' });
  letters.addEventListener('change', () => localStorage.setItem(OFF, letters.checked ? 'no' : 'yes'));
  const dialog = element(
    'dialog',
    { class: 'keys', 'aria-labelledby': 'keys-heading' },
    element('h2', { id: 'keys-heading' }, 'Keys'),
    element(
      'dl',
      {},
      ...keys.flatMap(([key, does]) => [element('dt', {}, element('kbd', {}, key)), element('dd', {}, does)]),
    ),
    element('label', {}, letters, ' Letters and signs are keys'),
    button('Close', () => dialog.close(), { class: 'primary' }),
  );
  document.body.append(dialog);
  const showKeys = () => dialog.showModal();
  const byLetter: Readonly<Record<string, () => void>> = {
    j: () => shortcuts.move(1),
    k: () => shortcuts.move(-1),
    '/': shortcuts.filter,
    s: shortcuts.send,
    p: shortcuts.pause,
    '?': showKeys,
  };
  const inList: Readonly<Record<string, () => void>> = {
    ArrowDown: () => shortcuts.move(1),
    ArrowUp: () => shortcuts.move(-1),
    Home: () => shortcuts.move('first'),
    End: () => shortcuts.move('last'),
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === 'Escape') return shortcuts.close();
    if (isTyping(event.target)) return;
    const isRow = event.target instanceof Element && event.target.closest('tr[data-id]') !== null;
    if (event.key === 'Enter' && isRow && shortcuts.openFocused()) return event.preventDefault();
    const action =
      (letters.checked ? byLetter[event.key] : undefined) ?? (isRow ? inList[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });
  return { showKeys };
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([type=radio]):not([type=checkbox]), textarea, select')
  );
}
