import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerActions, callerHelp, fakeCallers } from '../../local/caller.ts';
import type { Rehearsal } from '../../local/rehearsal.ts';
import { throughStart } from '../../tools/send/through-start.ts';
import { playCall } from '../../local/scenarios/play.ts';
import { testHandlers } from '../support/project.ts';
import { rehearse } from '../support/rehearse.ts';

// The words that a user types, against all that `npm start` is.
let played: Rehearsal;
beforeAll(async () => {
  played = await rehearse(process.env, [testHandlers.greeting, testHandlers.branches]);
});
afterAll(() => played?.stop());

const act = (line: string, call?: string) =>
  fakeCallers(played.context, { timesOut: false }).act(line, 'test', call);
const goOn = () => played.callers.list().filter(({ state }) => state !== 'over');

test('every action has a line of help', () => {
  const lines = callerHelp().split('\n');
  expect(lines).toHaveLength(Object.keys(callerActions).length);
  expect(lines).toContain('  press <keys>        presses keys of the phone: press 1, press 12#');
});

test('without a call there is nothing to act in', async () => {
  await expect(act('press 1')).rejects.toThrow('Place one: call');
  await expect(act('silent', 'unknown')).rejects.toThrow('Place one: call');
});

test.each(['', 'dance', 'press', 'hang', 'transfer', 'calls', 'say', 'silent now'])(
  'what is no action is answered with all of them: %j',
  async (line) => {
    await expect(act(line)).rejects.toThrow(
      /^The caller can do this: call, press <keys>, say <text>, silent,/,
    );
  },
);

test('a call is placed and driven, in words of any case and spacing', async () => {
  const { names, state, says } = await act('Call');
  expect([state, says]).toEqual(['asked', 'the app asked for digits (1 at most), 300 s']);
  expect(Object.keys(names)).toEqual(['callConnectionId', 'serverCallId', 'correlationId']);
  expect(await act('  PRESS   1 ')).toMatchObject({ says: expect.stringContaining('Sales (1)') });
  expect(await act('say SALES')).toMatchObject({
    state: 'over',
    says: 'the call is over: the app ended it',
  });
});

test('the newest call that goes on is meant, unless one is named', async () => {
  const first = await act('call');
  const second = await act('call');
  const { callConnectionId = '', correlationId = '' } = first.names;
  expect(goOn().map(({ names }) => names)).toEqual([first.names, second.names]);
  expect((await act('hang up')).names).toEqual(second.names);
  expect((await act('press 2', correlationId)).names).toEqual(first.names);
  expect((await act('transfer fails')).names).toEqual(first.names);
  await act('hang up', callConnectionId);
  expect(goOn()).toEqual([]);
  // The page shows how they ended.
  expect(played.callers.list().slice(-2)).toMatchObject([
    { number: first.number, names: first.names, says: 'the call is over: the caller hung up' },
    { number: first.number + 1, names: second.names, state: 'over' },
  ]);
  await expect(act('silent', callConnectionId)).rejects.toThrow('The call is over: the caller hung up.');
});

test('a call that the app does not answer is over', async () => {
  const callers = fakeCallers({ ...played.context, baseUrl: 'http://127.0.0.1:1' }, { timesOut: false });
  await expect(callers.act('call', 'test')).rejects.toThrow(
    'The app answered the incoming call with nothing.',
  );
  expect(callers.list().at(-1)?.says).toBe('the call is over: the app did not answer');
});

test('npm run send acts in the same call as the page and the terminal', async () => {
  const { names } = await act('call');
  const sender = await throughStart(played.page);
  expect(await sender.act('press 1')).toMatchObject({ names, says: expect.stringContaining('a choice') });
  await expect(sender.act('dance')).rejects.toThrow('npm start did not do it: The caller can do this: call,');
  await sender.act('hang up');
});

test('a call that npm start plays by itself leaves the call of the user alone', async () => {
  const { names } = await act('call');
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => void lines.push(line);
  try {
    const rows = await playCall(played.context, new AbortController().signal);
    expect(rows.filter(({ asExpected }) => !asExpected)).toEqual([]);
  } finally {
    console.log = log;
  }
  expect(lines.join('\n')).toContain('RecognizeCompleted');
  expect(goOn()).toMatchObject([{ names, state: 'asked' }]);
  await act('hang up');
});
