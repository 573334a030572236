import type { CallerShown, State } from '../contract.ts';
import { act, readCall } from './api.ts';
import { button, element } from './element.ts';
import { clockTime } from './format.ts';
import { go, routeOf } from './router.ts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const ACTIONS = {
  silent: 'Stay silent',
  'transfer succeeds': 'Transfer succeeds',
  'transfer fails': 'Transfer fails',
  'hang up': 'Hang up',
} as const;

/** The fake caller in the user's hands: a button that calls the app, and a phone below the open call. */
export function fakeCaller({ onDone, onFailed }: Record<'onDone' | 'onFailed', (message: string) => void>) {
  let callers: State['callers'] = [];
  const place = button('Call your app', (clicked) => void doIt('call', clicked), { 'data-caller': 'call' });
  const goingOn = button('', () => void open(goesOn().at(-1)), { class: 'quiet going-on', hidden: true });
  const says = element('p', { class: 'says', role: 'status' });
  const text = element('input', { type: 'text', placeholder: 'sales', 'aria-label': 'What the caller says' });
  const speech = element('form', {}, text, element('button', {}, 'Say'));
  speech.addEventListener('submit', (event) => {
    event.preventDefault();
    if (text.value.trim()) void doIt(`say ${text.value}`, speech).then(() => (text.value = ''));
  });
  const keypad = element(
    'div',
    { class: 'keypad', role: 'group', 'aria-label': 'Keys of the phone' },
    ...KEYS.map((key) => button(key, (clicked) => void doIt(`press ${key}`, clicked))),
  );
  const acts = element(
    'div',
    { class: 'acts' },
    speech,
    ...Object.entries(ACTIONS).map(([line, label]) => button(label, (clicked) => void doIt(line, clicked))),
  );
  const phone = element(
    'section',
    { class: 'phone', 'aria-label': 'The caller', hidden: true },
    says,
    keypad,
    acts,
  );
  addEventListener('hashchange', draw);

  const goesOn = () => callers.filter(({ state }) => state !== 'over');

  /** The caller of the open call, if the user placed it. */
  function opened(): CallerShown | undefined {
    const route = routeOf(location.hash);
    if (route.at !== 'call') return undefined;
    return callers.find(({ names }) => Object.values(names).includes(route.id));
  }

  function draw(): void {
    const caller = opened();
    const newest = goesOn().at(-1);
    const isUseful = caller !== undefined && caller.state !== 'over';
    // A hidden button would lose the focus to nowhere.
    if (!isUseful && phone.contains(document.activeElement)) place.focus();
    phone.hidden = !caller;
    keypad.hidden = acts.hidden = !isUseful;
    says.textContent = caller ? sentence(caller.says) : '';
    says.dataset.state = caller?.state ?? '';
    goingOn.hidden = !newest || newest === caller;
    goingOn.textContent = newest
      ? `Your call of ${clockTime(newest.placedAt).slice(0, 'hh:mm:ss'.length)}: ${newest.says}`
      : '';
  }

  async function doIt(line: string, clicked: HTMLElement): Promise<void> {
    const serverCallId = opened()?.names.serverCallId;
    clicked.setAttribute('aria-busy', 'true');
    try {
      const caller = await act({
        act: line,
        by: 'page',
        ...(line !== 'call' && serverCallId !== undefined && { call: serverCallId }),
      });
      onDone(sentence(caller.says));
      if (line === 'call') await open(caller);
    } catch (fault) {
      onFailed((fault as Error).message);
    } finally {
      clicked.removeAttribute('aria-busy');
    }
  }

  /** The page knows a call by the name that arrived first. */
  async function open(caller: CallerShown | undefined): Promise<void> {
    const name = caller?.names.serverCallId ?? '';
    go({ at: 'call', id: (await readCall(name))?.id ?? name });
  }

  return {
    place: element('div', { class: 'caller' }, place, goingOn),
    phone,
    show(state: State): void {
      callers = state.callers;
      draw();
    },
  };
}

const sentence = (says: string) => `${says.charAt(0).toUpperCase()}${says.slice(1)}.`;
