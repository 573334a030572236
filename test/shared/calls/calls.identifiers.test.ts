import { expect, test } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { newReference } from '../../../shared/calls/uris.ts';
import type { CallEventData, Identifier, IncomingCallEvent } from '../../../shared/events/call-automation.ts';
import { answeringSettings, startPlay } from '../../local/providers/call-automation/setup.ts';

const id = '11111111-2222-3333-4444-555555555555';
const callers = {
  phoneNumber: { rawId: '4:+12065550100', phoneNumber: { value: '+12065550100' } },
  communicationUser: { rawId: '8:acs:a_b', communicationUser: { id: '8:acs:a_b' } },
  microsoftTeamsUser: {
    rawId: `8:gcch:${id}`,
    microsoftTeamsUser: { userId: id, isAnonymous: false, cloud: 'gcch' },
  },
  microsoftTeamsApp: { rawId: `28:orgid:${id}`, microsoftTeamsApp: { appId: id, cloud: 'public' } },
  teamsExtensionUser: {
    rawId: '8:acs:a_b_c',
    teamsExtensionUser: { resourceId: 'a', tenantId: 'b', userId: 'c', cloud: 'public' },
  },
  unknown: { rawId: 'someone:else' },
} satisfies Record<string, Identifier>;

/** A call that rings, with the actions of the app. */
async function ringing(from: Identifier) {
  const { app, service } = await startPlay();
  const { calls } = createApp(answeringSettings(service, app)).platform;
  const data = service.incomingCall({ from: { rawId: '', ...from } });
  const event = { id: '1', source: 'topic', type: 'Microsoft.Communication.IncomingCall', data };
  const ring = calls.ring(event as IncomingCallEvent, newReference(), new AbortController().signal);
  return { ring, calls, service };
}

test.each(Object.entries(callers))(
  'a caller of kind %s is the same while it rings and once it is answered, and actions take it',
  async (kind, from) => {
    const { ring, service } = await ringing({ kind, ...from });
    const caller = await ring.caller();
    expect(caller).toMatchObject({ kind, rawId: from.rawId });
    const call = await ring.answer();
    await service.idle();
    expect(await call.caller()).toEqual(caller);
    await call.transfer(caller);
    expect(service.requests().at(-1)?.body.targetParticipant).toMatchObject(from);
    await service.idle();
  },
);

test('the kind of an identifier names its members, as in the SDK', async () => {
  const { ring } = await ringing(callers.phoneNumber);
  const caller = await ring.caller();
  expect(caller.kind === 'phoneNumber' && caller.phoneNumber).toBe('+12065550100');
});

test('an action takes a participant that an event names', async () => {
  const { ring, service } = await ringing(callers.communicationUser);
  const call = await ring.answer();
  await service.idle();
  const updated = service.deliveries().find(({ type }) => type === 'ParticipantsUpdated');
  const data = updated?.event.data as CallEventData['ParticipantsUpdated'] | undefined;
  await call.removeParticipant(await call.identifier(data?.participants?.[0]?.identifier));
  await service.idle();
  expect(service.deliveries().map(({ type }) => type)).toContain('RemoveParticipantSucceeded');
});

test('a participant that the service does not name is no participant', async () => {
  const { ring, calls } = await ringing({});
  await expect(ring.caller()).rejects.toThrow('does not say who this is');
  const { call } = await calls.placeCall({ targetParticipant: { communicationUserId: '8:acs:a' } });
  await expect(call.caller()).rejects.toThrow('does not say who this is');
  await expect(call.identifier(undefined)).rejects.toThrow('does not say who this is');
});
