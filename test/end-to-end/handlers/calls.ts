import type { CallHandlers } from '../../../shared/events/handlers.ts';

/*
 * Handlers that do what an event's operationContext asks for, so that a test can see how each ending is answered. They
 * are staged in the place of handlers/calls.ts.
 */
const failed = new Set<string>();
const gates = new Map<string, PromiseWithResolvers<void>>();

function gate(callConnectionId: string): PromiseWithResolvers<void> {
  const known = gates.get(callConnectionId) ?? Promise.withResolvers<void>();
  gates.set(callConnectionId, known);
  return known;
}

export const calls = {
  async incoming({ id, data, source }, { log, ring, reference, placeCall }) {
    log(`started ${id} ${ring.missed ? 'missed' : 'ringing'} ${reference}`);
    switch (data.callerDisplayName) {
      case 'nobody answers':
        break;
      case 'reject':
        await ring.reject('busy');
        break;
      case 'redirect':
        await ring.redirect({ targetParticipant: { communicationUserId: '8:acs:another' } });
        break;
      case 'throw-once':
        if (failed.has(id)) break;
        failed.add(id);
        throw new Error('this handler throws the first time');
      case 'wait-for-disconnect':
        await gate(source).promise;
        break;
      case 'place a call':
        await placeCall({ targetParticipant: { communicationUserId: '8:acs:another' } });
        break;
      case 'with media':
        await ring.answer({
          mediaStreaming: { audioChannelType: 'mixed', contentType: 'audio' },
          transcription: { locale: 'en-us' },
        });
        break;
      default:
        await ring.answer({ operationContext: 'answered' });
    }
    log(`ended ${id}`);
  },
  events: {
    async CallConnected({ id, data }, { log, signal, idempotencyKey, reference }) {
      log(`started ${id} ${idempotencyKey} ${reference}`);
      switch (data.operationContext) {
        case 'throw':
          throw new Error('this handler always throws');
        case 'throw-once':
          if (failed.has(id)) break;
          failed.add(id);
          throw new Error('this handler throws the first time');
        case 'wait-for-disconnect':
          await gate(data.callConnectionId).promise;
          break;
        case 'heed-the-signal':
          await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
          break;
      }
      log(`ended ${id}`);
    },
    CallDisconnected: ({ data }) => gate(data.callConnectionId).resolve(),
  },
} satisfies CallHandlers;
