import type { State, Summary } from '../contract.ts';

export type Followed = {
  /** Asked before each connection: after which delivery to go on. */
  readonly from: () => number;
  readonly onDeliveries: (summaries: readonly Summary[]) => void;
  readonly onForgotten: (lowestKept: number) => void;
  readonly onState: (state: State) => void;
  readonly onConnected: () => void;
  readonly onLost: () => void;
};

/** Milliseconds until the next try. */
const PAUSE_MS = 1000;

/** Follows the events of `npm start`, and reconnects when the connection is lost. */
export function follow(followed: Followed): void {
  const source = new EventSource(`live?after=${followed.from()}`);
  source.addEventListener('open', followed.onConnected);
  source.addEventListener('deliveries', ({ data }) => followed.onDeliveries(JSON.parse(data)));
  source.addEventListener('forgotten', ({ data }) => followed.onForgotten(Number(JSON.parse(data))));
  source.addEventListener('state', ({ data }) => followed.onState(JSON.parse(data)));
  source.addEventListener('error', () => {
    source.close();
    again(followed);
  });
}

function again(followed: Followed): void {
  followed.onLost();
  setTimeout(() => follow(followed), PAUSE_MS);
}

/** Draws once a frame, however much has come since the last one. */
export function oncePerFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
