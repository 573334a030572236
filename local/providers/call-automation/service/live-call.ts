import { randomUUID } from 'node:crypto';
import type {
  CallEvent,
  CallEventData,
  CallEventName,
  Identifier,
  Participant,
} from '../../../../shared/events/call-automation.ts';
import { newCall } from '../requests.ts';
import type { StreamOptions } from './operation.ts';
import type { Outbox } from './outbox.ts';
import type { StreamKind, StreamSockets } from './sockets.ts';

/** What is known of a call when it is answered or placed. */
export type NewCall = {
  readonly callbackUri: string;
  readonly operationContext?: string | undefined;
  readonly serverCallId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly source?: Identifier | undefined;
  readonly sourceDisplayName?: string | undefined;
  readonly targets: readonly Identifier[];
  readonly answeredBy?: { readonly id: string } | undefined;
  readonly mediaStreaming?: StreamOptions | undefined;
  readonly transcription?: StreamOptions | undefined;
};

export type Stream = { readonly id: string; readonly options: StreamOptions; active: boolean };

type Loose<Data> = { readonly [Member in keyof Data]?: Data[Member] | undefined };

/** Sends an event of a call, to the URI of the call unless another is given. */
export type Tell = <Name extends CallEventName>(
  name: Name,
  data?: Loose<CallEventData[Name]>,
  to?: { readonly uri?: string | undefined; readonly before?: () => void },
) => CallEvent<Name>;

export type LiveCall = Omit<NewCall, 'mediaStreaming' | 'transcription'> & {
  readonly callConnectionId: string;
  readonly serverCallId: string;
  readonly correlationId: string;
  state: 'connecting' | 'connected' | 'disconnected';
  /** By raw id. */
  readonly participants: Map<string, { identifier: Identifier; isMuted: boolean; isOnHold: boolean }>;
  readonly mediaStreaming: Stream | undefined;
  readonly transcription: Stream | undefined;
  /** What plays until it is cancelled. */
  readonly loops: { readonly operationContext: string | undefined; readonly uri: string | undefined }[];
  /** Invitations that were accepted, by id. */
  readonly invitations: Set<string>;
  readonly tell: Tell;
  /** Opens the WebSocket of a stream. */
  readonly stream: (kind: StreamKind, stream: Stream) => void;
};

/** @param queue where its events wait for their turn */
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

/** Who is in the call now, as the events and the API list it. */
export const participantsOf = (call: LiveCall): readonly Participant[] => [...call.participants.values()];

/** Ends a call: 404 from now on, and one last event. */
export function disconnect(call: LiveCall): () => void {
  call.state = 'disconnected';
  return () => void call.tell('CallDisconnected');
}
