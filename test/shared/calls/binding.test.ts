import type { CallAutomationClient } from '@azure/communication-call-automation';
import { expect, test, vi } from 'vitest';
import { assemble } from '../../../shared/assembly.ts';
import { callsThrough } from '../../../shared/calls/calls.ts';
import { newReference, referenceName } from '../../../shared/calls/uris.ts';
import { REMINTED_SECONDS } from '../../../shared/delivery/call-bindings.ts';
import type { IncomingCallEvent } from '../../../shared/events/call-automation.ts';
import { readSettings } from '../../../shared/settings.ts';
import { startPlay } from '../../local/providers/call-automation/setup.ts';
import { manualClock } from '../../clock.ts';
import { development } from '../../support/settings.ts';

const never = new AbortController().signal;
const ringing = (data: object): IncomingCallEvent =>
  ({ id: '1', source: 'topic', type: 'Microsoft.Communication.IncomingCall', data }) as IncomingCallEvent;

test('answering binds the reference to the call for as long as keys may be minted for it again', async () => {
  const { app, service } = await startPlay();
  const { IDENTITY_ENDPOINT = '' } = process.env;
  const settings = readSettings({
    ...development,
    ACS_ENDPOINT: service.endpoint,
    CALLBACK_BASE_URL: app.url,
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: 'a secret of thirty-two bytes or more',
    IDENTITY_ENDPOINT,
  });
  const { calls, ledger } = assemble(settings);
  const binding = vi.spyOn(ledger, 'putIfAbsent');
  const reference = newReference();
  const { callConnectionId } = await calls.ring(ringing(service.incomingCall()), reference, never).answer();
  await service.idle();
  expect(callConnectionId).not.toBe('');
  const seconds = settings.CALLBACK_KEY_TTL_SECONDS + REMINTED_SECONDS;
  expect(binding.mock.calls).toEqual([[referenceName(reference), callConnectionId, seconds]]);
});

test.each([[{}], [{ callConnectionId: '' }]])(
  'an answer that names no call binds the reference to nothing: %j',
  async (callConnectionProperties) => {
    const bound: unknown[] = [];
    const answered = { callConnectionProperties };
    const sdk = { answerCall: async () => answered, createCall: async () => answered };
    const calls = callsThrough({
      client: async () => sdk as unknown as CallAutomationClient,
      callbackUri: async () => 'https://app.example/',
      mediaUri: async () => 'wss://media.example/',
      bind: async (...binding) => void bound.push(binding),
      clock: manualClock(),
    });
    await calls.ring(ringing({ incomingCallContext: 'context' }), newReference(), never).answer();
    await calls.placeCall({ targetParticipant: { communicationUserId: '8:acs:somebody' } });
    expect(bound).toEqual([]);
  },
);
