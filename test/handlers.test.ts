import { expect, onTestFinished, test } from 'vitest';
import { calls } from '../handlers/calls.ts';
import { newIncomingCall } from '../local/providers/call-automation/service/incoming-call.ts';
import { recordingReady } from '../local/providers/call-automation/service/recordings.ts';
import { newCall } from '../local/providers/call-automation/requests.ts';
import type { Call, Ring, Sound } from '../shared/events/actions.ts';
import type { IncomingCallEvent, RecordingFileStatusUpdatedEvent } from '../shared/events/call-automation.ts';
import { rehearseHandlers } from './support/rehearse.ts';

// Yours to change along with handlers/. A handler is a function of an event and a context, so a test hands it both:
// the event as Azure sends it, and a context that remembers what the handler did with it.
function contextOf(did: string[], ring: Partial<Ring> = {}) {
  const call = {
    play: async (sound: Sound) => void did.push(`played ${JSON.stringify(sound)}`),
    hangUp: async () => void did.push('hung up'),
  };
  return {
    log: (message: string) => void did.push(`logged ${message}`),
    signal: AbortSignal.timeout(1000),
    idempotencyKey: 'example',
    reference: 'AAAAAAAAAAAAAAAAAAAAAA',
    call: call as unknown as Call,
    ring: {
      missed: false,
      answer: async () => {
        did.push('answered');
        return call as unknown as Call;
      },
      ...ring,
    } as Ring,
    placeCall: () => Promise.reject(new Error('these handlers place no calls')),
  };
}

const incomingCall: IncomingCallEvent = {
  id: 'e80026e7-1c5a-4d80-a2f4-5a9f4d1f1c1e',
  source: '/subscriptions/…/providers/Microsoft.Communication/communicationServices/example',
  type: 'Microsoft.Communication.IncomingCall',
  data: newIncomingCall(),
};

test('a call that rings is answered', async () => {
  const did: string[] = [];
  await calls.incoming(incomingCall, contextOf(did));
  expect(did).toEqual(['answered', 'logged answered']);
});

test('a call that has stopped ringing is only logged', async () => {
  const did: string[] = [];
  await calls.incoming(incomingCall, contextOf(did, { missed: true }));
  expect(did).toEqual(['logged missed']);
});

test('an answered caller hears the greeting, and then the call is over', async () => {
  const did: string[] = [];
  const call = newCall();
  await calls.events.CallConnected(
    call.event('CallConnected', { operationContext: 'greet' }),
    contextOf(did),
  );
  await calls.events.PlayCompleted(call.event('PlayCompleted'), contextOf(did));
  // A call leaves one line, when it is answered.
  expect(did).toEqual([expect.stringMatching(/^played .*\.wav/), 'hung up']);
});

// The whole way, with the fake services of npm start. It takes seconds; a menu is tested so: `await call.press('1')`.
test('a call is answered, greeted and ended', async () => {
  const app = await rehearseHandlers();
  onTestFinished(app.stop);
  const call = await app.call();
  expect(call.did()).toMatchObject([{ action: 'answer' }, { action: 'play' }, { action: 'terminate' }]);
  expect(call.says()).toBe('the call is over: the app ended it');
});

test('a recording that is ready is logged by its id and the number of its files', () => {
  const did: string[] = [];
  const { type, subject, data } = recordingReady('recording-1');
  const event = { id: '1', source: 'topic', type, subject, data } as RecordingFileStatusUpdatedEvent;
  const recordings = () => Promise.reject(new Error('these handlers download nothing'));
  calls.recordingFileStatusUpdated(event, { ...contextOf(did), reference: 'recording-1', recordings });
  expect(did).toEqual(['logged recording recording-1: 1 file(s)']);
});
