import { isReference, newReference } from '../../../shared/calls/uris.ts';
import { callEventNames } from '../../../shared/events/call-automation.ts';
import type { CallEventName } from '../../../shared/events/call-automation.ts';
import type { FakeAzure } from '../../fakes/azure.ts';
import { rs256 } from '../../fakes/token.ts';
import { answeredBy, post } from '../../http/request.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import { openSocket } from '../../http/sockets.ts';
import type { FakeService, Target } from '../../target.ts';
import { callNamesIn, typesIn, withObjects } from '../bodies.ts';
import { forgeryFamilies } from '../forgery.ts';
import type { RehearsalProvider } from '../provider.ts';
import { withBearer, withoutParameter, withParameter } from '../resign.ts';
import { startAcs } from './acs.ts';
import type { Acs } from './acs.ts';
import { callbackForgeries } from './forgeries/index.ts';
import { mediaForgeries } from './forgeries/media.ts';
import { callback, genuineCall, newCall, upgrade } from './requests.ts';
import type { CallIds } from './requests.ts';
import { isLive, playPlacedCall, playRepeats, playSecondSocket, playStreamedCall } from './scenarios.ts';
import { startCallAutomation } from './service/service.ts';
import type { CallAutomation } from './service/service.ts';
import { tested } from './tested.ts';

const HOST = 'ringward-fake.communication.azure.com';

/** No genuine token is published. These are forms that Microsoft's classes write and its samples accept. */
const tokenForms: Readonly<Record<string, (acs: Acs) => string>> = {
  'token-dated-back': (acs) => {
    const from = Math.floor(Date.now() / 1000) - 290;
    return tokenClaiming(acs, { iat: from, nbf: from });
  },
  'token-with-iat-in-digits': (acs) => tokenClaiming(acs, { iat: String(Math.floor(Date.now() / 1000)) }),
  'token-with-nulls': (acs) => tokenClaiming(acs, { jti: null, iat: null, nbf: null }),
  'token-with-an-empty-jti': (acs) => tokenClaiming(acs, { jti: '' }),
  'token-behind-two-spaces': (acs) => ` ${acs.token()}`,
};

const tokenClaiming = (acs: Acs, claims: Record<string, unknown>) =>
  rs256(acs.header(), { ...acs.claims(), ...claims }, acs.signingKey());

export type FakeCalls = FakeService & {
  /** The issuer of the tokens. */
  readonly acs: Acs;
  /** The REST API and the events that its operations cause. */
  readonly service: CallAutomation;
};

/** Azure Communication Services: callbacks, sub-requests of a proxy, and upgrades of the media host. */
export const callAutomation: RehearsalProvider<FakeCalls> = {
  name: 'call-automation',

  async start(azure: FakeAzure) {
    const { authority, identity } = azure;
    const acs = await startAcs({ tls: azure.loopbackTls });
    const service = await startCallAutomation({
      host: HOST,
      tls: await authority.issue([HOST]),
      identity,
      acs,
    });
    azure.route(HOST, service.port);
    return {
      acs,
      service,
      issuers: [acs],
      environment: {
        ACS_RESOURCE_ID: acs.resourceId,
        ACS_ISSUER: acs.issuer,
        ACS_OPENID_CONFIGURATION_URL: acs.openIdConfigurationUrl,
        ACS_ENDPOINT: service.endpoint,
        // By default a token that is used again is only reported; here every forgery is refused.
        TOKEN_REUSE: 'enforce',
      },
      async close() {
        await Promise.all([acs.close(), service.close()]);
      },
    };
  },

  samples: [
    ...callEventNames.map((name) => ({
      group: 'Call Automation',
      name,
      send: async (target: Target) => answeredBy(await post(await eventsOfCall(target, [name]))),
    })),
    {
      group: 'Call Automation, more than one',
      name: 'two-events',
      send: async (target) =>
        answeredBy(await post(await eventsOfCall(target, ['CallTransferFailed', 'ParticipantsUpdated']))),
    },
    {
      group: 'Call Automation, more than one',
      name: 'redelivery',
      async send(target) {
        const request = await eventsOfCall(target, ['PlayCompleted']);
        await post(request);
        return answeredBy(await post(request));
      },
    },
    ...Object.entries(tokenForms).map(([name, tokenOf]) => ({
      group: 'Call Automation, other forms of a token',
      name,
      send: async (target: Target) =>
        answeredBy(await post(await eventsOfCall(target, ['PlayStarted'], tokenOf))),
    })),
    {
      group: 'Media',
      name: 'media-socket',
      send: async (target) => openSocket(await genuineUpgrade(target)),
    },
  ],

  forgeries: [
    ...forgeryFamilies(
      async (target) => genuineCall(signersOf(target), await genuineUpgrade(target)),
      mediaForgeries,
    ),
    ...forgeryFamilies(
      async (target) => genuineCall(signersOf(target), await eventsOfCall(target, ['CallConnected'])),
      callbackForgeries,
    ),
  ],

  scenarios: [
    {
      name: 'placed-call',
      title: 'A call is placed, and ended when it is answered',
      play: (context) => playPlacedCall(context, context.cloud.of(callAutomation).service),
    },
    {
      name: 'streamed-call',
      title: 'A call is placed, its audio and text are streamed',
      play: (context) => playStreamedCall(context, context.cloud.of(callAutomation).service),
    },
    { play: (context) => playSecondSocket(context, context.cloud.of(callAutomation).acs) },
    {
      title: 'Several events at once, and repeats',
      play: (context) => playRepeats(context, context.cloud.of(callAutomation)),
    },
  ],

  async resign({ provider, target: path, headers }, target) {
    const { cloud, baseUrl, mediaUrl } = target;
    const { acs } = cloud.of(callAutomation);
    if (provider === 'media') {
      const uri = await cloud.mediaUris(mediaUrl)('media', referenceIn(path, 'ticket') ?? newReference());
      const ticket = new URL(uri).searchParams.get('ticket') ?? '';
      return {
        target: withParameter(path, 'ticket', ticket),
        headers: withBearer(headers, acs.mediaToken()),
      };
    }
    // A sub-request carries its key in the URI that it asks about, which is sent as it was.
    if (provider === 'perimeter') return { target: path, headers: withBearer(headers, acs.token()) };
    const uri = await cloud.callbackUris(baseUrl)(referenceIn(path, 'key'));
    const key = new URL(uri).searchParams.get('key') ?? '';
    return { target: withParameter(path, 'key', key), headers: withBearer(headers, acs.token()) };
  },

  /** An event of a call that is over becomes one of a call that goes on, so that the actions of a handler succeed. */
  async renew({ provider, target: path, headers, body }, { cloud, baseUrl }) {
    if (provider === 'perimeter') return undefined;
    if (provider === 'media') return { target: withoutParameter(path, 'ticket'), headers, body };
    const { service } = cloud.of(callAutomation);
    const named = callNamesIn(body);
    const isOver = !isLive(service, named['callConnectionId'] ?? '');
    const uri = await cloud.callbackUris(baseUrl)(isOver ? undefined : referenceIn(path, 'key'));
    const call = newCall(isOver ? service.goingOn(uri) : (named as CallIds));
    const renewed = withObjects(body, (event) => {
      const { type = '', data } = event as { type?: string; data?: object };
      const renewedEvent = call.event(type.replace(/^.*\./, '') as CallEventName);
      return { ...event, ...renewedEvent, type, data: { ...data, ...renewedEvent.data } };
    });
    const key = new URL(uri).searchParams.get('key') ?? '';
    return renewed && { target: withParameter(path, 'key', key), headers, body: renewed };
  },

  tested,

  typesOf: typesIn,

  callNames({ provider, headers, body }) {
    if (provider !== 'media') return callNamesIn(body);
    const [, callConnectionId] =
      headers.find(([name]) => name.toLowerCase() === 'x-ms-call-connection-id') ?? [];
    return callConnectionId ? { callConnectionId } : {};
  },
};

const signersOf = ({ cloud }: Target) => ({
  acs: cloud.of(callAutomation).acs,
  callbackSecret: cloud.callbackSecret,
});

/** Events of a call that goes on at the fake service, so that the actions of a handler succeed. */
async function eventsOfCall(
  { cloud, baseUrl }: Target,
  names: readonly CallEventName[],
  tokenOf: (acs: Acs) => string = (acs) => acs.token(),
): Promise<OutgoingRequest> {
  const { acs, service } = cloud.of(callAutomation);
  const uri = await cloud.callbackUris(baseUrl)();
  const call = newCall(service.goingOn(uri));
  return callback(
    acs,
    uri,
    names.map((name) => call.event(name)),
    tokenOf(acs),
  );
}

const genuineUpgrade = ({ cloud, mediaUrl }: Target) =>
  upgrade({ acs: cloud.of(callAutomation).acs, mediaUris: cloud.mediaUris }, mediaUrl);

/** The call reference of a key or a ticket. Its signature is not checked. */
function referenceIn(path: string, parameter: string): string | undefined {
  const value = new URLSearchParams(path.split('?')[1] ?? '').get(parameter) ?? '';
  const reference = value.split('.')[2] ?? '';
  return isReference(reference) ? reference : undefined;
}
