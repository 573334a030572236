import { expect, test } from 'vitest';
import { calls } from '../handlers/calls.ts';
import { newCall } from '../local/stand-ins/call.ts';

// Yours to change along with handlers/. A handler is a function of an event and a context, so a test hands it both:
// the event as Azure Communication Services sends it, the context with whatever the test wants to see.
function context(logged: string[]) {
  return {
    log: (message: string) => void logged.push(message),
    signal: AbortSignal.timeout(1000),
    idempotencyKey: 'call-automation:example',
    reference: 'AAAAAAAAAAAAAAAAAAAAAA',
  };
}

test('a connected call is logged by its connection', async () => {
  const logged: string[] = [];
  const event = newCall().event('CallConnected', { operationContext: 'greet' });

  await calls.events.CallConnected(event, context(logged));

  expect(logged).toEqual([`connected: ${event.data.callConnectionId}`]);
});

test('events without a handler of their own are logged by their type', async () => {
  const logged: string[] = [];
  const event = newCall().event('ParticipantsUpdated', { sequenceNumber: 1, participants: [] });

  await calls.events.otherwise(event, context(logged));

  expect(logged).toEqual(['Microsoft.Communication.ParticipantsUpdated']);
});
