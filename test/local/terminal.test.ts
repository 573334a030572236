import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { callerHelp, fakeCallers } from '../../local/caller.ts';
import { callerInTerminal } from '../../local/terminal.ts';
import { testHandlers } from '../support/project.ts';
import { rehearse } from '../support/rehearse.ts';

test('each line is an action, and what the caller notices is printed once', async () => {
  const played = await rehearse(process.env, [testHandlers.greeting, testHandlers.branches]);
  onTestFinished(played.stop);
  const input = new PassThrough();
  const printed: string[] = [];
  let times = 0;
  const callers = fakeCallers(played.context, { timesOut: false });
  callerInTerminal({
    callers,
    input,
    print: (line) => printed.push(line),
    playAgain: () => times++,
  });
  const type = async (line: string, ...expected: readonly string[]) => {
    printed.length = 0;
    input.write(`${line}\n`);
    await expect.poll(() => printed).toEqual(expected);
  };

  const menu = 'caller: the app asked for digits (1 at most), 300 s';
  await type('call', menu);
  await type('press 2', 'caller: the app transfers the call to 8:acs:clerk: it succeeds or fails');
  // The same question as before the transfer.
  await type('transfer fails', menu);
  await type('say \u001b[2Jhello', 'The app listens for digits: the service ignores speech here.');
  await type(
    'dance \u001b[2J',
    'The caller can do this: call, press <keys>, say <text>, silent, hang up, transfer succeeds, transfer fails.',
  );
  await type('silent', 'caller: the call is over: the app ended it');
  await type('call', menu);
  await type('call', menu.replace('caller', 'call 3, caller'));
  const { names } = callers.list().find(({ number }) => number === 2)!;
  printed.length = 0;
  await callers.act('press 2', 'page', names.serverCallId);
  await callers.act('hang up', 'send', names.correlationId);
  expect(printed).toEqual([
    'call 2, page: press 2',
    'call 2, caller: the app transfers the call to 8:acs:clerk: it succeeds or fails',
    'call 2, send: hang up',
    'call 2, caller: the call is over: the caller hung up',
  ]);
  await type('hang up', 'caller: the call is over: the caller hung up');
  await type('help', `${callerHelp()}\n  Enter               plays a call, in which nobody waits for you`);
  await type('');
  await expect.poll(() => times).toBe(1);
});
