import type { CallAutomationClient } from '@azure/communication-call-automation';
import { expect, test, vi } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { createCalls } from '../../../shared/calls/calls.ts';
import { callIdentity, connectionOf } from '../../../shared/calls/identity.ts';
import { newReference, referenceName, REMINTED_SECONDS } from '../../../shared/calls/uris.ts';
import type { IncomingCallEvent } from '../../../shared/events/call-automation.ts';
import { answeringSettings, startPlay } from '../../local/providers/call-automation/setup.ts';
import { manualClock } from '../../clock.ts';

const never = new AbortController().signal;
const ringing = (data: object): IncomingCallEvent =>
  ({ id: '1', source: 'topic', type: 'Microsoft.Communication.IncomingCall', data }) as IncomingCallEvent;

test('answering binds the reference to the call for as long as keys may be minted for it again', async () => {
  const { app, service } = await startPlay();
  const settings = answeringSettings(service, app);
  const { platform, ledger } = createApp(settings);
  const remembered = vi.spyOn(ledger, 'putIfAbsent');
  const reference = newReference();
  const { callConnectionId } = await platform.calls
    .ring(ringing(service.incomingCall()), reference, never)
    .answer();
  await service.idle();
  expect(callConnectionId).not.toBe('');
  const [call] = service.calls();
  const seconds = settings.CALLBACK_KEY_TTL_SECONDS + REMINTED_SECONDS;
  const [[name, identity = '', lasting] = []] = remembered.mock.calls;
  expect(remembered).toHaveBeenCalledOnce();
  expect([name, lasting]).toEqual([referenceName(reference), seconds]);
  expect(connectionOf(identity)).toBe(callConnectionId);
  expect(identity).toBe(callIdentity({ ...call }));
  expect(identity.split(' ')).toHaveLength(3);
});

test.each([[{}], [{ callConnectionId: '' }]])(
  'an answer that names no call leaves the reference without one: %j',
  async (callConnectionProperties) => {
    const remembered: unknown[] = [];
    const answered = { callConnectionProperties };
    const sdk = { answerCall: async () => answered, createCall: async () => answered };
    const calls = createCalls({
      client: async () => sdk as unknown as CallAutomationClient,
      callbackUri: async () => 'https://app.example/',
      mediaUri: async () => 'wss://media.example/',
      remember: async (...names) => void remembered.push(names),
      clock: manualClock(),
    });
    await calls.ring(ringing({ incomingCallContext: 'context' }), newReference(), never).answer();
    await calls.placeCall({ targetParticipant: { communicationUserId: '8:acs:somebody' } });
    expect(remembered).toEqual([]);
  },
);
