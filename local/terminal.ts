import { createInterface } from 'node:readline';
import { callerHelp } from './caller.ts';
import type { FakeCallers } from './caller.ts';
import type { CallerShown } from './inspector/contract.ts';
import { printable } from './printable.ts';

/**
 * Takes what the fake caller does from the lines of a terminal. Prints what it notices, and what the page and
 * `npm run send` let it do.
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
  /** Whether the caller has noticed nothing since the last line that was typed. */
  let isQuiet = true;

  function tell({ number }: CallerShown, by: string, text: string): void {
    const isAnother = (one: CallerShown) => one.number !== number && one.state !== 'over';
    const name = callers.list().some(isAnother) ? `call ${number}, ` : '';
    print(`${name}${by}: ${printable(text, 1000)}`);
  }

  callers.onChange((caller, line) => {
    if (!line || line.by === 'terminal') return;
    if (line.by === 'caller') isQuiet = false;
    tell(caller, line.by, line.text);
  });
  createInterface({ input }).on('line', (line) => {
    if (line.trim() === '') return playAgain();
    if (line.trim() === 'help')
      return print(`${callerHelp()}\n  ${'Enter'.padEnd(20)}plays a call, in which nobody waits for you`);
    isQuiet = true;
    callers.act(line, 'terminal').then(
      (caller) => (isQuiet ? tell(caller, 'caller', caller.says) : undefined),
      (fault: Error) => print(printable(fault.message, 1000)),
    );
  });
}
