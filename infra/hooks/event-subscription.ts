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
  /** Goes along with every delivery and with the handshake, in a header that Event Grid keeps as a secret. */
  readonly sharedKey: string;
  /** The application that Event Grid asks a token for, in its tenant; none: no token is sent. */
  readonly entra: { readonly tenantId: string; readonly audience: string } | undefined;
};

/**
 * The body of `Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15`.
 *
 * In the schema of Event Grid, whose handshake is a POST like any other delivery: whether the OPTIONS of CloudEvents
 * carries a token is not documented. A call rings for 30 seconds, so there are two attempts within a minute, and no
 * event waits for others. A recording could wait longer, but a subscription has one policy for all its events.
 */
export function eventSubscription({ appUrl, sharedKey, entra }: Subscription) {
  return {
    properties: {
      eventDeliverySchema: 'EventGridSchema',
      filter: { includedEventTypes: EVENT_TYPES },
      retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 1 },
      destination: {
        endpointType: 'WebHook',
        properties: {
          endpointUrl: `${appUrl.replace(/\/+$/, '')}/${PATH}`,
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
