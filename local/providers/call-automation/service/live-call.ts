import { randomUUID } from 'node:crypto';
import type {
  CallEvent,
  CallEventData,
  CallEventName,
  Identifier,
  Participant,
} from '../../../../shared/events/call-automation.ts';
import { newCall } from '../requests.ts';
import type { Outbox } from './outbox.ts';
import type { StreamSockets } from './sockets.ts';
import type { LiveCall, NewCall, Stream, StreamOptions } from './model.ts';

/** @param queue sends its events in their order */
export function liveCall(given: NewCall, queue: Outbox, sockets: Pick<StreamSockets, 'open'>): LiveCall {
  const events = newCall();
  const known = events.event('CallConnected').data;
  const serverCallId = given.serverCallId ?? known.serverCallId ?? '';
  const correlationId = given.correlationId ?? known.correlationId ?? '';
  const stream = (options: StreamOptions | undefined): Stream | undefined =>
    options && { id: randomUUID(), options, active: false };
  const everybody = given.source ? [given.source, ...given.targets] : given.targets;
  const call: LiveCall = {
    ...given,
    callConnectionId: known.callConnectionId,
    serverCallId,
    correlationId,
    state: 'connecting',
    participants: new Map(everybody.map((who) => [who.rawId ?? '', present(who)])),
    mediaStreaming: stream(given.mediaStreaming),
    transcription: stream(given.transcription),
    loops: [],
    invitations: new Set(),
    tell(name, data = {}, { uri = given.callbackUri, before } = {}) {
      const members = { serverCallId, correlationId, resultInformation: DONE, ...data };
      const event = events.event(name, members as Partial<CallEventData[typeof name]>);
      queue.post(known.callConnectionId, { event: event as CallEvent<CallEventName>, uri, before });
      return event;
    },
    stream: (kind, stream) => sockets.open(kind, call, stream),
  };
  return call;
}

const DONE = { code: 200, subCode: 0, message: 'Action completed successfully.' };

export const present = (identifier: Identifier) => ({ identifier, isMuted: false, isOnHold: false });

/** The participants, as the events and the API list them. */
export const participantsOf = (call: LiveCall): readonly Participant[] => [...call.participants.values()];

/** Ends a call: the API answers 404 from now on, and one last event follows. */
export function disconnect(call: LiveCall): () => void {
  call.state = 'disconnected';
  call.caller?.end('the app ended it');
  return () => void call.tell('CallDisconnected');
}
