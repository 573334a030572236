import { createInterface } from 'node:readline';
import { callerHelp } from './caller.ts';
import type { FakeCallers } from './caller.ts';
import { printable } from './printable.ts';

/**
 * Takes what the fake caller does from the lines of a terminal, and prints what it notices.
 *
 * @param playAgain runs at an empty line
 */
export function callerInTerminal(options: {
  callers: FakeCallers;
  input: NodeJS.ReadableStream;
  print: (line: string) => void;
  playAgain: () => void;
}): void {
  const { callers, input, print, playAgain } = options;
  let last = '';

  function tell(says: string): void {
    if (says !== last) print(`caller: ${printable(says)}`);
    last = says;
  }

  callers.onChange(({ state, says }) => {
    if (state === 'asked' || state === 'over') tell(says);
    // Between two questions nothing is asked for a moment. The same question again is a new one.
    else last = '';
  });
  createInterface({ input }).on('line', (line) => {
    if (line.trim() === '') return playAgain();
    if (line.trim() === 'help')
      return print(`${callerHelp()}\n  ${'Enter'.padEnd(20)}plays a call, in which nobody waits for you`);
    last = '';
    callers.act(line).then(
      ({ says }) => tell(says),
      (fault: Error) => print(printable(fault.message, 1000)),
    );
  });
}
