import { createInterface } from 'node:readline';
import { callerHelp } from './caller.ts';
import type { FakeCallers } from './caller.ts';
import { printable } from './printable.ts';

/**
 * Takes what the fake caller does from the lines of the terminal, and prints what it notices.
 *
 * @param playAgain runs at an empty line
 */
export function callerInTerminal(callers: FakeCallers, playAgain: () => void): void {
  let last = '';

  function print(says: string): void {
    if (says !== last) console.log(`caller: ${printable(says)}`);
    last = says;
  }

  callers.onChange(({ state, says }) => {
    // Between two questions nothing is asked for a moment.
    if (state === 'asked' || state === 'over') print(says);
  });
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === '') return playAgain();
    if (line.trim() === 'help')
      return console.log(
        `${callerHelp()}\n  ${'Enter'.padEnd(20)}plays a call, in which nobody waits for you`,
      );
    last = '';
    callers.act(line).then(
      ({ says }) => print(says),
      (fault: Error) => console.log(printable(fault.message, 1000)),
    );
  });
}
