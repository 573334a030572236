import { expect, test } from 'vitest';
import { deliveryOf } from '../../support/endpoints.ts';
import { eventSubscription } from '../../../infra/hooks/event-subscription.ts';

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
