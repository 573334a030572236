import type { Clock } from '../../shared/clock.ts';

/** Where progress goes: a terminal rewrites one line, a log gets one now and then. */
export type Screen = { readonly isTTY?: boolean; write(text: string): unknown };

/** Milliseconds between two lines. */
const ON_A_TERMINAL = 100;
const IN_A_LOG = 5000;
/** Below it the table is there soon enough. */
const LARGE = 20;

/** Says how far a large number of requests has come. */
export function progress(total: number, screen: Screen, clock: Pick<Clock, 'ticks'>) {
  const started = clock.ticks();
  const isTerminal = screen.isTTY === true;
  let shownAt = started;
  let shown = false;
  const clear = () => void (shown && screen.write('\r\u001b[K'));
  return {
    at(sent: number, unexpected: number): void {
      const now = clock.ticks();
      if (total < LARGE || now - shownAt < (isTerminal ? ON_A_TERMINAL : IN_A_LOG)) return;
      shownAt = now;
      const rate = Math.round((sent * 1000) / (now - started));
      const line = `${sent} of ${total}, ${rate} a second, ${unexpected} not as expected`;
      if (!isTerminal) return void screen.write(`${line}\n`);
      clear();
      shown = true;
      screen.write(line);
    },
    /** Leaves the terminal as it was. */
    end: clear,
  };
}
