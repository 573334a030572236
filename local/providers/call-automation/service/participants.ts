import { randomUUID } from 'node:crypto';
import type { Identifier } from '../../../../shared/events/call-automation.ts';
import { participantsOf, present } from './live-call.ts';
import { onCall, refused } from './operation.ts';
import type { Operations } from './operation.ts';
import type { Body, LiveCall } from './model.ts';

const path = '/calling/callConnections/{call}/participants';

/** The participants of a call. An invited one accepts at once. */
export const participantOperations: Operations = {
  [`GET ${path}`]: onCall((call) => ({ status: 200, body: { value: participantsOf(call) } })),
  [`GET ${path}/{participant}`]: onCall((call, _body, _service, [rawId = '']) => {
    const participant = call.participants.get(rawId);
    return participant ? { status: 200, body: participant } : refused(404, '8522', 'Participant not found.');
  }),
  [`POST ${path}:add`]: onCall((call, body) => {
    const { participantToAdd: participant, operationContext } = body;
    if (!participant) return refused(400, '8500', 'A participant is required.');
    const invitationId = randomUUID();
    call.invitations.add(invitationId);
    return {
      status: 202,
      body: { participant: present(participant), operationContext, invitationId },
      follow() {
        join(call, participant);
        call.tell('AddParticipantSucceeded', { participant, operationContext }, to(body));
        tellWhoIsThere(call);
      },
    };
  }),
  [`POST ${path}:remove`]: onCall((call, body) => {
    const { participantToRemove: participant, operationContext } = body;
    if (!participant) return refused(400, '8500', 'A participant is required.');
    return {
      status: 202,
      body: { operationContext },
      follow() {
        const removed = call.participants.delete(participant.rawId ?? '');
        const name = removed ? 'RemoveParticipantSucceeded' : 'RemoveParticipantFailed';
        call.tell(name, { participant, operationContext }, to(body));
        if (removed) tellWhoIsThere(call);
      },
    };
  }),
  [`POST ${path}:mute`]: onCall((call, { targetParticipants = [], operationContext }) => {
    const muted = targetParticipants.flatMap(({ rawId = '' }) => call.participants.get(rawId) ?? []);
    if (muted.length === 0) return refused(404, '8522', 'Participant not found.');
    for (const participant of muted) participant.isMuted = true;
    return { status: 200, body: { operationContext }, follow: () => tellWhoIsThere(call) };
  }),
  [`POST ${path}:cancelAddParticipant`]: onCall((call, body) => {
    const { invitationId = '', operationContext } = body;
    if (!call.invitations.has(invitationId)) return refused(404, '8522', 'Invitation not found.');
    return {
      status: 202,
      body: { invitationId, operationContext },
      // It is accepted already.
      follow: () =>
        void call.tell('CancelAddParticipantFailed', { invitationId, operationContext }, to(body)),
    };
  }),
  [`POST ${path}:moveHere`]: onCall((call, body, service) => {
    const { targetParticipants = [], fromCall = '', operationContext } = body;
    const from = service.calls.get(fromCall);
    if (!from || from.state === 'disconnected') return refused(404, '8522', 'Call not found.');
    return {
      status: 202,
      body: { participants: targetParticipants.map(present), operationContext, fromCall },
      follow() {
        for (const participant of targetParticipants) {
          from.participants.delete(participant.rawId ?? '');
          join(call, participant);
          call.tell('MoveParticipantSucceeded', { participant, operationContext, fromCall }, to(body));
        }
        tellWhoIsThere(call);
        tellWhoIsThere(from);
      },
    };
  }),
};

const to = ({ operationCallbackUri: uri }: Body) => ({ uri });

const join = (call: LiveCall, who: Identifier) => call.participants.set(who.rawId ?? '', present(who));

function tellWhoIsThere(call: LiveCall): void {
  call.tell('ParticipantsUpdated', { participants: participantsOf(call) });
}
