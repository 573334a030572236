import type { Identifier } from '../../../../shared/events/call-automation.ts';
import { faultOfUri, onCall, refused } from './operation.ts';
import type { Operations } from './operation.ts';
import type { IncomingCallData } from './incoming-call.ts';
import { disconnect, participantsOf } from './live-call.ts';
import { startMediaStreaming, startTranscription } from './streams.ts';
import type { Answer, Body, Caller, LiveCall, NewCall, Service } from './model.ts';

/** How calls begin: answered, rejected, redirected or placed. */
export const beginnings: Operations = {
  'POST /calling/callConnections:answer': (body, service) =>
    faultOfBeginning(body) ??
    taken(body, service, (incoming, caller) => ({
      status: 200,
      ...begun(service, body, {
        serverCallId: incoming.serverCallId,
        correlationId: incoming.correlationId,
        source: incoming.from,
        sourceDisplayName: incoming.callerDisplayName,
        targets: [incoming.to],
        answeredBy: body.answeredBy,
        caller,
      }),
    })),
  'POST /calling/callConnections:reject': (body, service) =>
    taken(body, service, (_incoming, caller) => {
      caller?.end('the app rejected it');
      return { status: 204 };
    }),
  'POST /calling/callConnections:redirect': (body, service) =>
    body.target
      ? taken(body, service, (_incoming, caller) => {
          caller?.end('the app redirected it');
          return { status: 204 };
        })
      : refused(400, '8500', 'A target is required.'),
  'POST /calling/callConnections': (body, service) => {
    const { targets = [], sourceDisplayName } = body;
    const source = sourceOf(body);
    if (targets.length === 0) return refused(400, '8500', 'At least one target is required.');
    const fault = faultOfBeginning(body);
    return fault ?? { status: 201, ...begun(service, body, { targets, source, sourceDisplayName }) };
  },
  'POST /calling/callConnections:connect': (body, service) => {
    const { callLocator } = body;
    if (!callLocator) return refused(400, '8500', 'A call locator is required.');
    const { serverCallId } = callLocator;
    return faultOfBeginning(body) ?? { status: 200, ...begun(service, body, { targets: [], serverCallId }) };
  },
};

/** Who places a call, as the API names it in its answer. */
function sourceOf({ source, teamsAppSource }: Body): Identifier | undefined {
  if (teamsAppSource) {
    const rawId = `28:orgid:${teamsAppSource.appId}`;
    return { kind: 'microsoftTeamsApp', rawId, microsoftTeamsApp: teamsAppSource };
  }
  return source && { kind: 'communicationUser', rawId: source.id, communicationUser: source };
}

/** Takes a ringing call. A context is valid for one answer, rejection or redirection. */
function taken(
  { incomingCallContext }: Body,
  { ringing, callers }: Service,
  take: (incoming: IncomingCallData, caller: Caller | undefined) => Answer,
): Answer {
  if (!incomingCallContext || !ringing.has(incomingCallContext))
    return refused(400, '8523', 'The incomingCallContext is not valid.');
  const incoming = ringing.get(incomingCallContext);
  if (!incoming) return refused(404, '8522', 'The call is not ringing any more.');
  ringing.set(incomingCallContext, undefined);
  return take(incoming, callers.get(incomingCallContext));
}

function faultOfBeginning(body: Body): Answer | undefined {
  const { callbackUri, mediaStreamingOptions, transcriptionOptions } = body;
  const streams = [mediaStreamingOptions, transcriptionOptions].flatMap((options) => options ?? []);
  const faults = streams.map(({ transportUrl }) => faultOfUri(transportUrl, 'ws'));
  return faultOfUri(callbackUri) ?? faults.find((fault) => fault !== undefined);
}

function begun(service: Service, body: Body, about: Omit<NewCall, 'callbackUri'>): Omit<Answer, 'status'> {
  const call = service.open({
    ...about,
    callbackUri: body.callbackUri ?? '',
    operationContext: body.operationContext,
    mediaStreaming: body.mediaStreamingOptions,
    transcription: body.transcriptionOptions,
  });
  about.caller?.answered(call);
  return { body: described(call), follow: () => connect(call) };
}

/** The call takes actions from the moment when CallConnected is sent. */
function connect(call: LiveCall): void {
  const { operationContext } = call;
  const before = () => {
    if (call.state === 'connecting') call.state = 'connected';
  };
  call.tell('CallConnected', { operationContext }, { before });
  call.tell('ParticipantsUpdated', { participants: participantsOf(call), sequenceNumber: 1 });
  if (call.mediaStreaming?.options.startMediaStreaming) startMediaStreaming(call, call.mediaStreaming);
  if (call.transcription?.options.startTranscription) startTranscription(call, call.transcription);
}

/** A call as the API describes it. */
function described(call: LiveCall) {
  const { callConnectionId, serverCallId, correlationId, callbackUri, state } = call;
  const { source, sourceDisplayName, targets, answeredBy, mediaStreaming, transcription } = call;
  const stateOf = ({ active }: { active: boolean }) => (active ? 'active' : 'inactive');
  return {
    callConnectionId,
    serverCallId,
    correlationId,
    callConnectionState: state,
    callbackUri,
    source,
    sourceDisplayName,
    targets,
    answeredBy,
    mediaStreamingSubscription: mediaStreaming && {
      id: mediaStreaming.id,
      state: stateOf(mediaStreaming),
      subscribedContentTypes: ['audio'],
    },
    transcriptionSubscription: transcription && {
      id: transcription.id,
      state: stateOf(transcription),
      locale: transcription.options.locale,
    },
  };
}

const hangUp = onCall((call) => ({ status: 204, follow: disconnect(call) }), { connected: false });

/** The operations on a call as a whole. */
export const connectionOperations: Operations = {
  'GET /calling/callConnections/{call}': onCall((call) => ({ status: 200, body: described(call) }), {
    connected: false,
  }),
  'DELETE /calling/callConnections/{call}': hangUp,
  'POST /calling/callConnections/{call}:terminate': hangUp,
  'POST /calling/callConnections/{call}:transferToParticipant': onCall((call, body) => {
    const { operationContext, operationCallbackUri: uri, targetParticipant, transferee } = body;
    if (!targetParticipant) return refused(400, '8500', 'A target is required.');
    function accepted(): void {
      call.tell(
        'CallTransferAccepted',
        { operationContext, transferTarget: targetParticipant, transferee },
        { uri },
      );
      // One of two parties has left, and with it the app's part in the call.
      if (transferee) return;
      call.caller?.end('it was transferred');
      disconnect(call)();
    }
    const { caller } = call;
    return {
      status: 202,
      body: { operationContext },
      follow: caller ? () => caller.askToTransfer(body, accepted) : accepted,
    };
  }),
};
