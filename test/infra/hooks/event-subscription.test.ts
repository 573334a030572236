import { expect, test } from 'vitest';
import { eventSubscription, subscribe } from '../../../infra/hooks/event-subscription.ts';
import { NotYet } from '../../../infra/hooks/patience.ts';
import { HandshakeUnauthorized } from '../../../infra/hooks/resource-manager.ts';
import { deliveryOf } from '../../support/endpoints.ts';

const settings = { EVENT_GRID_KEY_SECRET: 'key', SECRET_KEY: 'a secret of thirty-two bytes or more' };
const given = { appUrl: 'https://calls.example.com', sharedKey: 'shared', entra: undefined };
const webhookOf = (subscription: Parameters<typeof eventSubscription>[0]) =>
  eventSubscription(subscription).properties.destination.properties;

test('the subscription delivers what the route handles, twice within a minute at most, one at a time', () => {
  expect(eventSubscription(given).properties).toMatchObject({
    filter: {
      includedEventTypes: [...deliveryOf('POST /api/events/incoming-call', { settings }).eventTypes],
    },
    retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 1 },
    destination: {
      endpointType: 'WebHook',
      properties: { maxEventsPerBatch: 1, minimumTlsVersionAllowed: '1.2' },
    },
  });
});

test('the shared key goes in a header that Event Grid shows to nobody, and not in the address', () => {
  const { deliveryAttributeMappings, endpointUrl } = webhookOf(given);
  expect(deliveryAttributeMappings).toEqual([
    { name: 'x-ringward-key', type: 'Static', properties: { value: 'shared', isSecret: true } },
  ]);
  expect(endpointUrl).toBe('https://calls.example.com/api/events/incoming-call');
});

test('a token is asked for where there is an application to ask it for', () => {
  expect(webhookOf(given)).not.toHaveProperty('azureActiveDirectoryTenantId');
  expect(webhookOf({ ...given, entra: { tenantId: 'tenant', audience: 'application' } })).toMatchObject({
    azureActiveDirectoryTenantId: 'tenant',
    azureActiveDirectoryApplicationIdOrUri: 'application',
  });
});

test('it includes calls that come in and recordings that are ready', () => {
  expect(eventSubscription(given).properties.filter.includedEventTypes).toEqual([
    'Microsoft.Communication.IncomingCall',
    'Microsoft.Communication.RecordingFileStatusUpdated',
  ]);
});

test('a slash at the end of the address is not doubled', () => {
  expect(webhookOf({ ...given, appUrl: 'https://calls.example.com/' }).endpointUrl).toBe(
    'https://calls.example.com/api/events/incoming-call',
  );
});

/** Subscribes with these outcomes, and returns the addresses that were asked for. */
async function addresses(...outcomes: readonly (Error | undefined)[]) {
  const asked: string[] = [];
  const said: string[] = [];
  const left = [...outcomes];
  const patience = { tries: 5, pause: 1, wait: async () => {}, say: (line: string) => void said.push(line) };
  const subscribed = subscribe({ ...given, sharedKey: 'a+b/c=' }, patience, async (body) => {
    const { properties } = body as ReturnType<typeof eventSubscription>;
    asked.push(properties.destination.properties.endpointUrl);
    const outcome = left.shift();
    if (outcome) throw outcome;
  });
  await subscribed;
  return { asked, said };
}
const address = 'https://calls.example.com/api/events/incoming-call';

test('a handshake that passes with the header leaves the key out of the address', async () => {
  expect((await addresses(undefined)).asked).toEqual([address]);
});

test('a handshake that is answered 401 gets the key in the address, and keeps it', async () => {
  const { asked, said } = await addresses(
    new HandshakeUnauthorized('401'),
    new NotYet('starting'),
    undefined,
  );
  expect(asked).toEqual([address, `${address}?key=a%2Bb%2Fc%3D`, `${address}?key=a%2Bb%2Fc%3D`]);
  expect(said.filter((line) => line.includes('the address gets the key'))).toHaveLength(1);
  expect(said.join()).not.toContain('a+b/c=');
});

test('an app that is not ready yet gets the same address again', async () => {
  expect((await addresses(new NotYet('503'), undefined)).asked).toEqual([address, address]);
});
