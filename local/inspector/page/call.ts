import type { Detail, Summary } from '../contract.ts';
import { factTable } from './delivery.ts';
import { element, link } from './element.ts';
import { hashOf } from './router.ts';
import { folding, sections } from './sections.ts';
import { timeline } from './timeline.ts';
import type { CallShown } from './timeline.ts';
import {
  count,
  lasting,
  milliseconds,
  reasonOf,
  shortType,
  timeElement,
  stateBadge,
  stateOf,
} from './format.ts';

/** Something that happened in a call: a delivery came, or a socket ended. */
type Step = { readonly at: number; readonly delivery: Summary; readonly ends?: Detail };

/** A call as a sequence over time, from the sender to the app. */
export function callView() {
  return sections<CallShown>([
    {
      name: 'heading',
      of: ({ call }) => [call.id, call.from, call.to, call.deliveries.length],
      draw: heading,
    },
    { name: 'sequence', of: (shown) => shown, draw: sequence },
    {
      name: 'names',
      of: ({ call }) => call.names,
      draw: ({ call }) =>
        folding('Names', count(Object.keys(call.names).length, 'name'), true, factTable(call.names)),
    },
  ]);
}

function heading({ call }: CallShown): HTMLElement {
  return element(
    'header',
    { class: 'opened' },
    element(
      'p',
      { class: 'over' },
      'Call, ',
      timeElement(call.from),
      `, ${count(call.deliveries.length, 'delivery', 'deliveries')} in ${lasting(call.to - call.from)}`,
    ),
    callTitle(call),
  );
}

/** The caller, where a delivery of the call names one, and the id. */
function callTitle({ id, deliveries }: CallShown['call']): HTMLElement {
  const caller = deliveries.map((delivery) => delivery.caller).find(Boolean);
  if (caller === undefined) return element('h2', { tabindex: '-1', class: 'id' }, element('bdi', {}, id));
  return element(
    'h2',
    { tabindex: '-1' },
    'From ',
    element('bdi', {}, caller),
    element('small', { class: 'id' }, element('bdi', {}, id)),
  );
}

function sequence({ call, sockets }: CallShown): HTMLElement {
  const steps: Step[] = [
    ...call.deliveries.map((delivery) => ({ at: delivery.at, delivery })),
    ...sockets.flatMap((delivery) =>
      delivery.socket?.closedAt === undefined
        ? []
        : [{ at: delivery.socket.closedAt, delivery, ends: delivery }],
    ),
  ].sort((one, two) => one.at - two.at);
  const live = new Set<number>();
  const items = steps.map((step) => {
    const isSocket = sockets.some(({ id, socket }) => id === step.delivery.id && socket);
    const lanes = sockets.map(({ id }) => laneOf(id, step, live));
    if (isSocket) live[step.ends ? 'delete' : 'add'](step.delivery.id);
    return stepItem(step, call.from, lanes);
  });
  return element(
    'section',
    { class: 'part sequence' },
    element('h3', {}, 'Sequence'),
    timeline({ call, sockets }),
    element(
      'div',
      { class: 'lanes', 'aria-hidden': 'true' },
      element('span', { class: 'offset' }, 'from start'),
      element('span', {}, 'Sender'),
      element('span', { class: 'to-app' }, 'App'),
      element('span', { class: 'sockets' }, sockets.length > 0 ? count(sockets.length, 'socket') : ''),
    ),
    element('ol', { class: 'steps' }, ...items),
  );
}

/** The part of a socket's bar that is beside this step. */
function laneOf(id: number, { delivery, ends }: Step, live: ReadonlySet<number>): HTMLElement {
  const place = delivery.id === id ? (ends ? 'closes' : 'opens') : live.has(id) ? 'is-open' : '';
  return element('span', { class: `lane ${place}` });
}

/** Switching Protocols: the answer to an upgrade. */
const OPENED = 101;

function stepItem({ at, delivery, ends }: Step, from: number, lanes: readonly HTMLElement[]): HTMLElement {
  const { id, types, sent, path, status, milliseconds: took } = delivery;
  const title = types.map(shortType).join(', ') || sent || path;
  return element(
    'li',
    { class: `step ${ends ? 'end' : stateOf(delivery)}`, 'data-delivery': id },
    element('span', { class: 'offset' }, `+${((at - from) / 1000).toFixed(3)} s`),
    element(
      'span',
      { class: 'arrow' },
      link(hashOf({ at: 'delivery', id }), [element('bdi', {}, ends ? `${title} closed` : title)], {
        class: 'type',
      }),
      element('span', { class: 'line', 'aria-hidden': 'true' }),
      element(
        'span',
        { class: 'muted' },
        ends ? closing(ends) : reasonOf(delivery) || (status === OPENED ? 'a socket opens' : ''),
      ),
    ),
    element(
      'span',
      { class: 'answer' },
      ends ? element('span', { class: 'muted' }, 'closed') : stateBadge(delivery),
      !ends &&
        element(
          'span',
          { class: 'muted' },
          `${status ?? '…'}${took === undefined ? '' : `, ${milliseconds(took)} ms`}`,
        ),
    ),
    element('span', { class: 'sockets', 'aria-hidden': 'true' }, ...lanes),
  );
}

function closing({ socket, at }: Detail): string {
  const facts = Object.entries(socket?.facts ?? {}).map(([name, value]) => `${name} ${value}`);
  return [`open for ${lasting((socket?.closedAt ?? at) - at)}`, ...facts].join(', ');
}
