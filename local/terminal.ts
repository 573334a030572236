import { createInterface } from 'node:readline';
import { callerHelp } from './caller.ts';
import { answeredBy } from './http/request.ts';
import { printable } from './printable.ts';
import { callAutomation } from './providers/call-automation/index.ts';
import type { Rehearsal } from './rehearsal.ts';
import { HANDLED, show } from './scenarios/context.ts';
import { tableRow } from './scenarios/table.ts';

/**
 * Takes what the fake caller does from the lines of the terminal, and prints what it notices and what the app did with each
 * event.
 *
 * @param playAgain runs at an empty line
 */
export function callerInTerminal({ callers, context, cloud }: Rehearsal, playAgain: () => void): void {
  const { service } = cloud.of(callAutomation);
  let last = '';

  function print(says: string): void {
    if (says !== last) console.log(`caller: ${printable(says)}`);
    last = says;
  }

  callers.onChange(({ state, says }) => {
    // Between two questions nothing is asked for a moment.
    if (state === 'asked' || state === 'over') print(says);
  });
  service.onDelivery(({ event, type, status, reply }) => {
    if (!service.isUsers(event.data.callConnectionId)) return;
    const answer = answeredBy({ status, headers: reply?.headers ?? {} });
    const onRow: Parameters<typeof show>[0]['onRow'] = (row) => console.log(tableRow(row));
    const milliseconds = reply?.milliseconds ?? 0;
    void show({ ...context, onRow, onNote: () => {} }, `  ${type}`, { ...answer, milliseconds }, HANDLED);
  });
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === '') return playAgain();
    if (line.trim() === 'help') return console.log(`${callerHelp()}\n  ${'Enter'.padEnd(20)}plays a call`);
    last = '';
    callers.act(line).then(
      ({ says }) => print(says),
      (fault: Error) => console.log(printable(fault.message, 1000)),
    );
  });
}
