import type { CallView, Detail } from '../contract.ts';
import { element } from './element.ts';
import { lasting, stateOf } from './format.ts';

/** A call, and the details of its upgrades: only they say when a socket ended. */
export type CallShown = { readonly call: CallView; readonly sockets: readonly Detail[] };

/** A call to scale: each delivery, and how long each socket was open. Hidden from screen readers, which read the list. */
export function timeline({ call, sockets }: CallShown): HTMLElement {
  const whole = Math.max(call.to - call.from, 1);
  const along = (at: number) => `${Math.min(100, Math.max(0, ((at - call.from) / whole) * 100))}%`;
  const ticks = call.deliveries.map((delivery) => {
    const tick = element('span', { class: `tick ${stateOf(delivery)}` });
    tick.style.left = along(delivery.at);
    return tick;
  });
  const bars = sockets.map(({ at, socket }) => {
    const bar = element('span', { class: 'open' });
    bar.style.left = along(at);
    bar.style.right = `calc(100% - ${along(socket?.closedAt ?? call.to)})`;
    return element('div', { class: 'track' }, bar);
  });
  return element(
    'div',
    { class: 'strip', 'aria-hidden': 'true' },
    element('div', { class: 'track' }, ...ticks),
    ...bars,
    element('div', { class: 'scale' }, element('span', {}, '0'), element('span', {}, lasting(whole))),
  );
}
