import type { CallAutomationClient } from '@azure/communication-call-automation';
import { expect, test } from 'vitest';
import { createCalls } from '../../../shared/calls/calls.ts';
import { newReference } from '../../../shared/calls/uris.ts';
import type { AnswerOptions } from '../../../shared/events/actions.ts';
import type { IncomingCallEvent } from '../../../shared/events/call-automation.ts';
import { manualClock } from '../../clock.ts';

test('a handler connects an AI resource with the options of the SDK, when it answers and when it places a call', async () => {
  const given: unknown[] = [];
  const sdk = {
    async answerCall(_context: string, _uri: string, options: unknown) {
      given.push(options);
      return { callConnectionProperties: {} };
    },
    async createCall(_target: unknown, _uri: string, options: unknown) {
      given.push(options);
      return { callConnectionProperties: {} };
    },
  };
  const calls = createCalls({
    client: async () => sdk as unknown as CallAutomationClient,
    callbackUri: async () => 'https://app.example/',
    mediaUri: async () => 'wss://media.example/',
    remember: async () => {},
    clock: manualClock(),
  });
  const options = {
    callIntelligenceOptions: { cognitiveServicesEndpoint: 'https://speech.cognitiveservices.azure.com' },
  } satisfies AnswerOptions;
  const event = { id: '1', source: 'topic', type: 'Microsoft.Communication.IncomingCall', data: {} };
  const { signal } = new AbortController();
  await calls.ring(event as IncomingCallEvent, newReference(), signal).answer(options);
  await calls.placeCall({ targetParticipant: { communicationUserId: '8:acs:somebody' } }, options);
  expect(given).toEqual([expect.objectContaining(options), expect.objectContaining(options)]);
});
