import { expect, onTestFinished, test, vi } from 'vitest';
import { playCall } from '../../local/scenarios/play.ts';
import { rehearse } from '../support/rehearse.ts';

test('a call that comes in is answered, hears the greeting and is over, and a repeat is not handled again', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => printed.mockRestore());
  const rehearsal = await rehearse();
  try {
    const rows = await playCall(rehearsal.context, new AbortController().signal);
    const shown = rows.map(
      ({ sent, verdict, reason, status }) => `${sent.trim()} ${verdict} ${reason} ${status}`,
    );
    expect(shown).toEqual([
      'the handshake of the subscription accepted  200',
      'IncomingCall accepted handled 200',
      'CallConnected accepted handled 200',
      'ParticipantsUpdated accepted handled 200',
      'PlayStarted accepted handled 200',
      'PlayCompleted accepted handled 200',
      'CallDisconnected accepted handled 200',
      'IncomingCall, delivered again accepted handled-before 200',
    ]);
    expect(rows.filter(({ asExpected }) => !asExpected)).toEqual([]);
  } finally {
    await rehearsal.stop();
  }
});
