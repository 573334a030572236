import type { SendResult, State, Summary } from '../contract.ts';
import { readState } from './api.ts';
import { fakeCaller } from './caller.ts';
import { element } from './element.ts';
import { deliveryStore } from './delivery-store.ts';
import { deliveryList } from './list.ts';
import { follow, oncePerFrame } from './live.ts';
import { openPane } from './pane.ts';
import { go } from './router.ts';
import { liveRegion } from './live-region.ts';
import { listenToKeys } from './shortcuts.ts';
import { topBar } from './top.ts';

// The inspector's page: what comes in, live, and one delivery or call opened beside it.
const at = (id: string) => document.getElementById(id)!;
const announce = liveRegion(at('said'));
const store = deliveryStore();
const outage = element('p', { class: 'notice outage', role: 'status', hidden: true });
const trouble = element('p', { class: 'notice trouble', role: 'alert', hidden: true });
at('notices').append(trouble, outage);
let state: State | undefined;
let isConnected = true;

const top = topBar(at('top'), { onState: takeState, onDone: done, onFailed: fail });
const list = deliveryList(at('list'), store, (id) => go({ at: 'delivery', id }));
const pane = openPane({
  section: at('pane'),
  rooms: at('rooms'),
  kept: store,
  state: () => state,
  onSent,
  onCopied: done,
  onFailed: fail,
  onOpened: list.mark,
  focusList: list.focusCurrent,
});
const caller = fakeCaller({ onDone: done, onFailed: fail });
at('top').querySelector('nav')?.before(caller.place);
at('pane').append(caller.phone);
const { showKeys } = listenToKeys({
  move: list.move,
  openFocused() {
    const id = list.focused();
    if (id !== undefined) pane.open(id);
    return id !== undefined;
  },
  close: pane.close,
  filter: () => list.search.focus(),
  send: pane.toSend,
  pause: list.togglePause,
});
at('top').addEventListener('keys', showKeys);
addEventListener('hashchange', clearTrouble);

const draw = oncePerFrame(() => {
  list.draw();
  pane.draw();
});

follow({
  from: store.settled,
  onDeliveries(summaries) {
    const fresh = store.take(summaries);
    announce.came(fresh.length, fresh.filter(isRefused).length);
    pane.changed(summaries);
    draw();
  },
  onForgotten(lowestKept) {
    store.forget(lowestKept);
    draw();
  },
  onState: takeState,
  onConnected() {
    isConnected = true;
    clearTrouble();
    void readState().then(takeState, (fault: Error) => fail(fault.message));
    draw();
  },
  onLost() {
    isConnected = false;
    top.lost();
    fail('The connection to npm start is lost. If you start it again, open the address that it prints.');
  },
});

function takeState(next: State): void {
  state = next;
  store.keep(next.kept);
  top.show(next);
  outage.textContent = top.told(next);
  outage.hidden = next.outages.length === 0;
  pane.showState(next);
  caller.show(next);
}

function onSent(result: SendResult): void {
  const { sent, verdict, reason, status, id, call } = result;
  clearTrouble();
  announce.say([`${sent}: ${verdict ?? 'no answer'}`, reason, status || ''].filter(Boolean).join(', '));
  if (id === undefined) fail(`${sent} got no delivery of its own: status ${status}.`);
  else if (call !== undefined) go({ at: 'call', id: call });
  else pane.open(id);
}

function done(message: string): void {
  clearTrouble();
  announce.say(message);
}

/** What was refused is past. A lost connection stays in sight. */
function clearTrouble(): void {
  if (isConnected) trouble.hidden = true;
}

function fail(message: string): void {
  trouble.textContent = message;
  trouble.hidden = false;
}

function isRefused({ verdict, failed }: Summary): boolean {
  return failed === true || verdict === 'rejected' || verdict === 'unavailable';
}
