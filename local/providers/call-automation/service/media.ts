import type { Identifier } from '../../../../shared/events/call-automation.ts';
import { onCall, refused } from './operation.ts';
import type { Operations } from './operation.ts';
import type { Answer, Body, LiveCall, Service } from './model.ts';

const call = '/calling/callConnections/{call}';

/**
 * Playing and listening. A sound ends at once unless it loops. A question is answered at once, but for a caller that the
 * user drives.
 */
export const mediaOperations: Operations = {
  [`POST ${call}:play`]: onCall((call, body) => {
    const { playSources = [], playOptions, operationContext, operationCallbackUri: uri } = body;
    if (playSources.length === 0) return refused(400, '8500', 'A source to play is required.');
    return {
      status: 202,
      follow() {
        call.caller?.hear(playSources);
        call.tell('PlayStarted', { operationContext }, { uri });
        if (playOptions?.loop) call.loops.push({ operationContext, uri });
        else call.tell('PlayCompleted', { operationContext }, { uri });
      },
    };
  }),
  [`POST ${call}:cancelAllMediaOperations`]: onCall((call) => ({
    status: 202,
    follow() {
      for (const { operationContext, uri } of call.loops.splice(0))
        call.tell('PlayCanceled', { operationContext }, { uri });
      call.caller?.cancelRecognitions();
    },
  })),
  [`POST ${call}:recognize`]: onCall((call, body, service) => {
    if (!body.recognizeOptions) return refused(400, '8500', 'What to recognise is required.');
    const { caller } = call;
    if (caller) return { status: 202, follow: () => caller.recognize(body) };
    const { operationContext, operationCallbackUri: uri } = body;
    const recognized = { operationContext, ...recognition(body, service) };
    return { status: 202, follow: () => void call.tell('RecognizeCompleted', recognized, { uri }) };
  }),
  [`POST ${call}:startContinuousDtmfRecognition`]: onCall(({ caller }, body) => {
    caller?.startEveryKey(body);
    return { status: 200 };
  }),
  [`POST ${call}:stopContinuousDtmfRecognition`]: onCall((call, body) => {
    call.caller?.stopEveryKey();
    return {
      status: 200,
      follow: () => void call.tell('ContinuousDtmfRecognitionStopped', ...tellingOf(body)),
    };
  }),
  [`POST ${call}:sendDtmfTones`]: onCall((call, body) => ({
    status: 202,
    body: { operationContext: body.operationContext },
    follow: () => void call.tell('SendDtmfTonesCompleted', ...tellingOf(body)),
  })),
  [`POST ${call}:hold`]: onCall((call, { targetParticipant }) => held(call, targetParticipant, true)),
  [`POST ${call}:unhold`]: onCall((call, { targetParticipant }) => held(call, targetParticipant, false)),
};

const tellingOf = ({ operationContext, operationCallbackUri: uri }: Body) =>
  [{ operationContext }, { uri }] as const;

function recognition({ recognizeInputType, recognizeOptions }: Body, { tones }: Service) {
  const { dtmfOptions, choices } = recognizeOptions ?? {};
  const [choice] = choices ?? [];
  if (recognizeInputType === 'choices')
    return {
      recognitionType: 'choices',
      choiceResult: { label: choice?.label ?? '', recognizedPhrase: choice?.phrases?.[0] ?? '' },
    };
  if (recognizeInputType === 'speech')
    return { recognitionType: 'speech', speechResult: { speech: 'Good morning.', confidence: 0.9 } };
  return { recognitionType: 'dtmf', dtmfResult: { tones: tones(dtmfOptions?.maxTonesToCollect ?? 1) } };
}

function held({ participants }: LiveCall, who: Identifier | undefined, isOnHold: boolean): Answer {
  const participant = participants.get(who?.rawId ?? '');
  if (!participant) return refused(404, '8522', 'Participant not found.');
  participant.isOnHold = isOnHold;
  return { status: 200 };
}
