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
  /** For each typed action that is not done: the numbers of the calls in which something was noticed since. */
  const acting = new Set<Set<number>>();

  function tell({ number }: CallerShown, by: string, text: string): void {
    const isAnother = (one: CallerShown) => one.number !== number && one.state !== 'over';
    const name = callers.list().some(isAnother) ? `call ${number}, ` : '';
    print(`${name}${by}: ${printable(text, 1000)}`);
  }

  callers.onChange((caller, line) => {
    if (!line || line.by === 'terminal') return;
    if (line.by === 'caller') for (const noticed of acting) noticed.add(caller.number);
    tell(caller, line.by, line.text);
  });
  createInterface({ input }).on('line', (line) => {
    if (line.trim() === '') return playAgain();
    if (line.trim() === 'help')
      return print(`${callerHelp()}\n  ${'Enter'.padEnd(20)}plays a call, in which nobody waits for you`);
    const noticed = new Set<number>();
    acting.add(noticed);
    callers
      .act(line, 'terminal')
      .then(
        (caller) => (noticed.has(caller.number) ? undefined : tell(caller, 'caller', caller.says)),
        (fault: Error) => print(printable(fault.message, 1000)),
      )
      .finally(() => acting.delete(noticed));
  });
}
