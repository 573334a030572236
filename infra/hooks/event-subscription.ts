import { patiently } from './patience.ts';
import { HandshakeUnauthorized } from './resource-manager.ts';
import hostJson from '../../host.json' with { type: 'json' };

/** Those that the app's route handles. */
const EVENT_TYPES = [
  'Microsoft.Communication.IncomingCall',
  'Microsoft.Communication.RecordingFileStatusUpdated',
];

/** The path of the app's route. host.json is the only source of its prefix. */
const PATH = [
  ...hostJson.extensions.http.routePrefix.split('/').filter(Boolean),
  'events/incoming-call',
].join('/');

/** What makes a subscription to incoming calls and to recordings that are ready. */
export type Subscription = {
  /** Where events are delivered: the public address of the app, without a path. */
  readonly appUrl: string;
  /** Comes with every delivery, in a header that Event Grid keeps as a secret. */
  readonly sharedKey: string;
  /** The application that Event Grid asks a token for, in its tenant; none: no token is sent. */
  readonly entra: { readonly tenantId: string; readonly audience: string } | undefined;
  /** Whether the address of the app has the shared key as well. Event Grid sends it with the handshake, too. */
  readonly keyInUrl?: boolean;
};

/**
 * The body of `Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15`.
 *
 * In the schema of Event Grid, whose handshake is a POST like any other delivery: whether the OPTIONS of CloudEvents
 * carries a token is not documented. A call rings for 30 seconds, so there are two attempts within a minute, and no
 * event waits for others. A recording could wait longer, but a subscription has one policy for all its events.
 */
export function eventSubscription({ appUrl, sharedKey, entra, keyInUrl }: Subscription) {
  const query = keyInUrl ? `?key=${encodeURIComponent(sharedKey)}` : '';
  return {
    properties: {
      eventDeliverySchema: 'EventGridSchema',
      filter: { includedEventTypes: EVENT_TYPES },
      retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 1 },
      destination: {
        endpointType: 'WebHook',
        properties: {
          endpointUrl: `${appUrl.replace(/\/+$/, '')}/${PATH}${query}`,
          maxEventsPerBatch: 1,
          preferredBatchSizeInKilobytes: 64,
          minimumTlsVersionAllowed: '1.2',
          ...(entra && {
            azureActiveDirectoryTenantId: entra.tenantId,
            azureActiveDirectoryApplicationIdOrUri: entra.audience,
          }),
          deliveryAttributeMappings: [
            { name: 'x-ringward-key', type: 'Static', properties: { value: sharedKey, isSecret: true } },
          ],
        },
      },
    },
  };
}

/**
 * Makes the subscription. No document says that the handshake brings the header with the shared key. Where the app answers
 * it with 401, the address has the key as well from then on.
 *
 * @throws what the last try of `put` threw
 */
export async function subscribe(
  subscription: Subscription,
  patience: Parameters<typeof patiently>[1],
  put: (body: unknown) => Promise<void>,
): Promise<void> {
  let keyInUrl = false;
  await patiently(async () => {
    try {
      await put(eventSubscription({ ...subscription, keyInUrl }));
    } catch (thrown) {
      if (thrown instanceof HandshakeUnauthorized && !keyInUrl) {
        keyInUrl = true;
        patience.say('the handshake was answered 401: the address gets the key as well');
      }
      throw thrown;
    }
  }, patience);
}
