import type { State, Summary } from '../contract.ts';

export type Followed = {
  readonly onDeliveries: (summaries: readonly Summary[]) => void;
  readonly onForgotten: (lowestKept: number) => void;
  readonly onState: (state: State) => void;
  /** With whether all has to be learned anew: what was known before may be of another `npm start`. */
  readonly onConnected: (anew: boolean) => void;
  readonly onLost: () => void;
};

/** Milliseconds until the next try. */
const PAUSE = 1000;

/** Follows what `npm start` tells, and comes again when the connection is lost. */
export function follow(followed: Followed): void {
  let lost = false;
  connect();

  function connect(): void {
    const source = new EventSource('/inspector/live?after=0');
    source.addEventListener('open', () => {
      followed.onConnected(lost);
      lost = false;
    });
    source.addEventListener('deliveries', ({ data }) => followed.onDeliveries(JSON.parse(data)));
    source.addEventListener('forgotten', ({ data }) => followed.onForgotten(Number(JSON.parse(data))));
    source.addEventListener('state', ({ data }) => followed.onState(JSON.parse(data)));
    source.addEventListener('error', () => {
      source.close();
      lost = true;
      followed.onLost();
      setTimeout(connect, PAUSE);
    });
  }
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
