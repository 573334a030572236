import { randomUUID } from 'node:crypto';
import { isRs256, rs256 } from '../../fakes/token.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import { startAcs } from '../call-automation/acs.ts';
import { newIncomingCall, toTeamsPhone } from '../call-automation/service/incoming-call.ts';
import { recordingReady } from '../call-automation/service/recordings.ts';
import { familiesOf, isIssued, testedIssuer, verifiedClaims } from '../tested-sender.ts';
import type { TestedSender } from '../tested-sender.ts';
import {
  bearerForms,
  inForm,
  inForms,
  issuerForms,
  lenientForms,
  requestForms,
  TOKEN_FORMS,
} from '../token-forms.ts';
import type { TokenForm } from '../token-forms.ts';
import { EVENT_GRID_APP_ID, listed, startEntra } from './entra.ts';
import { envelope, messageHeaders } from './envelope.ts';
import type { EventContent, MessageType, Schema } from './envelope.ts';
import { eventForgeries, SHARED_KEY_FAMILY } from './forgeries.ts';

// Event Grid as any receiver sees it: Entra tokens, events in both schemas, and the handshakes of a subscription.

/** The same in each run, so that a receiver is set up once. */
const AUDIENCE = 'api://ringward-conformance';
const TENANT_ID = '5e8d7c6b-a594-4837-9261-504f3e2d1c0b';
const KEY = 'for-conformance-runs-only-never-deploy-this-shared-key';
const SUBSCRIPTION = 'conformance';
const ACCOUNT = '/subscriptions/00000000-0000-4000-8000-000000000000';
const TOPIC = `${ACCOUNT}/resourceGroups/conformance/providers/Microsoft.Communication/communicationServices/ringward`;

const FEATURES = {
  'shared-key': 'demands EVENT_GRID_KEY in the header x-ringward-key',
  subscriptions: 'accepts EVENT_GRID_SUBSCRIPTION and EVENT_GRID_TOPIC alone',
  role: 'demands the app role AzureEventGridSecureWebhookSubscriber, which some genuine deliveries are known to lack',
};

const incomingCall = (change = {}): EventContent => {
  const data = newIncomingCall(change);
  return {
    type: 'Microsoft.Communication.IncomingCall',
    subject: `/caller/${data.from.rawId}/recipient/${data.to.rawId}`,
    data,
  };
};

/** The handshake of Event Grid's own schema. */
const validation = (validationUrl: string): EventContent => ({
  type: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  subject: '',
  data: { validationCode: randomUUID(), validationUrl },
  dataVersion: '2',
});
const VALIDATION_URL =
  'https://rp-westeurope.eventgrid.azure.net:553/eventsubscriptions/conformance/validate?id=0';

const deletion: EventContent = {
  type: 'Microsoft.EventGrid.SubscriptionDeletedEvent',
  subject: '',
  data: { eventSubscriptionId: `${TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/${SUBSCRIPTION}` },
};

export const tested: TestedSender = {
  name: 'event-grid',
  features: FEATURES,
  async start({ urlOf, port, has }) {
    const entra = await startEntra({ tenantId: TENANT_ID, port });
    // Its tokens are genuine, and for another service.
    const acs = await startAcs();
    const key: OutgoingRequest['headers'] = has('shared-key') ? [['x-ringward-key', KEY]] : [];
    const url = urlOf('incoming-call');

    function delivery(
      contents: readonly EventContent[],
      options: { token?: string; type?: MessageType; schema?: Schema; topic?: string; batch?: boolean } = {},
    ): OutgoingRequest {
      const { token = entra.token({ audience: AUDIENCE }), type = 'Notification', topic = TOPIC } = options;
      const { schema = 'event-grid', batch = true } = options;
      const events = contents.map((content) => envelope(schema, topic, content));
      const message = messageHeaders({
        schema,
        subscriptionName: SUBSCRIPTION,
        type,
        events,
        batch,
        deliveryCount: 0,
      });
      return {
        url,
        headers: [['authorization', `Bearer ${token}`], ...key, ...Object.entries(message)],
        body: JSON.stringify(batch ? events : events[0]),
      };
    }
    const handshake = (validationUrl = VALIDATION_URL) =>
      delivery([validation(validationUrl)], { type: 'SubscriptionValidation', topic: ACCOUNT });
    const recording = (token?: string) => delivery([recordingReady()], token === undefined ? {} : { token });
    const ofForms = (forms: readonly TokenForm[]) =>
      inForms(forms, (form) => {
        const parts = inForm(form, { header: entra.header(), claims: entra.claims({ audience: AUDIENCE }) });
        return recording(rs256(parts.header, parts.claims, entra.signingKey()));
      });
    const inCloudEvents = (name: string, batch: boolean, contents: readonly EventContent[]) => ({
      name,
      make: () => delivery(contents, { schema: 'cloud-events', batch }),
    });

    return {
      settings: {
        EVENT_GRID_ISSUER: entra.issuers[1],
        EVENT_GRID_OPENID_CONFIGURATION_URL: `${entra.authority}/${TENANT_ID}/.well-known/openid-configuration`,
        EVENT_GRID_AUDIENCE: AUDIENCE,
        ...(has('shared-key') && { EVENT_GRID_KEY: KEY }),
        ...(has('subscriptions') && { EVENT_GRID_SUBSCRIPTION: SUBSCRIPTION, EVENT_GRID_TOPIC: TOPIC }),
      },
      samples: [
        { name: 'IncomingCall', make: () => delivery([incomingCall()]) },
        { name: 'IncomingCall-teams-phone', make: () => delivery([incomingCall(toTeamsPhone())]) },
        { name: 'RecordingFileStatusUpdated', make: () => delivery([recordingReady()]) },
        { name: 'SubscriptionValidation', make: () => handshake() },
        { name: 'SubscriptionDeletion', make: () => delivery([deletion], { type: 'SubscriptionDeletion' }) },
        {
          name: 'OPTIONS-handshake',
          make: () => ({
            url,
            method: 'OPTIONS',
            headers: [
              ...key,
              ['webhook-request-origin', 'eventgrid.azure.net'],
              ['webhook-request-rate', '120'],
            ],
            body: '',
          }),
        },
      ],
      forms: {
        [TOKEN_FORMS.allowed]: ofForms(issuerForms),
        [TOKEN_FORMS.lenient]: ofForms(lenientForms),
        [TOKEN_FORMS.carried]: bearerForms(() => recording()),
        [TOKEN_FORMS.request]: [
          ...requestForms(
            () => recording(),
            () => envelope('event-grid', TOPIC, recordingReady()),
          ).filter(({ name }) => !name.includes('cloudevent')),
          inCloudEvents('one-cloudevent', false, [recordingReady()]),
          inCloudEvents('a-batch-of-cloudevents', true, [recordingReady(), recordingReady()]),
        ],
      },
      forgeries: familiesOf(
        () => ({ request: delivery([incomingCall()]), acs, entra, audience: AUDIENCE }),
        eventForgeries,
      ),
      featureFor({ family, name }) {
        if (family === SHARED_KEY_FAMILY || name === 'options-without-key') return 'shared-key';
        if (/^(subscription|topic)-/.test(name)) return 'subscriptions';
        return name.startsWith('entra-role-') ? 'role' : undefined;
      },
      isOfSender(forged) {
        const isRight = (input: string, signature: Uint8Array) =>
          isRs256(input, signature, entra.signingKey());
        const claims = verifiedClaims(forged, isRight);
        // Any application of the tenant gets tokens for this audience.
        const isEventGrid = claims?.['appid'] === EVENT_GRID_APP_ID;
        return isEventGrid && isIssued(claims, { issuer: entra.issuers[1], audience: AUDIENCE });
      },
      isRepeatable: true,
      issuer: testedIssuer(entra, ['configuration-v1', 'configuration-v2', 'keys'], {
        listed: (one) => listed(one, entra.authority),
        signed: ({ header, claims, key: one = entra.signingKey() }) =>
          recording(
            rs256(
              { ...entra.header(), x5t: one.kid, kid: one.kid, ...header },
              { ...entra.claims({ audience: AUDIENCE }), ...claims },
              one,
            ),
          ),
        luring: (trap) => [
          {
            name: 'validation-url-without-credentials',
            make: () => {
              const { headers, ...request } = handshake(`${trap}/validation-url-without-credentials`);
              const secrets = ['authorization', 'x-ringward-key'];
              return { ...request, headers: headers.filter(([name]) => !secrets.includes(name)) };
            },
          },
        ],
      }),
      async close() {
        await Promise.all([entra.close(), acs.close()]);
      },
    };
  },
};
