import { providers } from '../../local/providers/index.ts';
import { routePath } from '../../shared/delivery/endpoint.ts';
import type { Reason } from '../../shared/reasons.ts';

const KEYS =
  'see that this network lets requests out to the issuer, then ask again; npm run doctor examines it';
const VAULT =
  'see KEY_VAULT_URL and who you are signed in as (az login), then ask again; npm run doctor examines it';
const FORGED = 'no genuine sender writes such a token: the request is forged';
const CLOCKS =
  'compare the clocks: that of this machine, and that of the sender; CLOCK_TOLERANCE_SECONDS is what they may differ';
const MINT = 'hand out a URI that the app minted: docs/callback-key.md';
const BYTES =
  'see that the capture has the body, or the query of a GET, byte by byte; else somebody altered it on its way';

/**
 * What to do about each reason that a captured request can show. The table of reasons says what it means. A sender brings
 * the advice about reasons of its own.
 */
export const advice: Readonly<Partial<Record<Reason, string>>> = {
  'body-too-large': 'no genuine sender sends that much in one request',
  'sub-request-purpose': `let the proxy ask ${routePath('authorize')}?for=callback or ?for=media`,
  'original-uri-malformed': 'let the proxy set X-Original-URI itself, in the place of what the caller sent',
  'source-address-foreign':
    'see who sent it; where it is a sender of yours, add its range to SOURCE_ADDRESS_RANGES',
  'source-address-unknown':
    'capture X-Forwarded-For as the app receives it; TRUSTED_PROXY_HOPS says how many proxies of yours add to it',
  'callback-key-missing': `${MINT}; a capture has to hold the query of the URI as well`,
  'callback-key-repeated': MINT,
  'callback-key-malformed': `${MINT}; a capture has to hold the key as it was, not masked`,
  'callback-key-unknown-id':
    'mint with a version of CALLBACK_KEY_SECRET that is enabled; are these the settings of the app that it was sent to?',
  'callback-key-unconfirmed':
    'ask again in ten seconds: the vault is asked for an unknown version at most that often',
  'callback-key-forged':
    'mint with the secret of this app, for this purpose; are these the settings of the app that it was sent to?',
  'callback-key-expired':
    'raise CALLBACK_KEY_TTL_SECONDS above your longest call; --at judges at another time',
  'callback-key-too-far-ahead':
    'let the backend that mints keys keep to CALLBACK_KEY_TTL_SECONDS, or raise it',
  'callback-secret-unavailable': VAULT,
  'token-missing': 'capture the Authorization header as well; a request that came without it is not genuine',
  'token-not-bearer': 'one header Authorization: Bearer <token>; a capture has to hold it as it was, once',
  'token-too-long': FORGED,
  'token-malformed': 'a capture has to hold the token whole and not masked; else it is not genuine',
  'token-not-json': 'a capture has to hold the token whole and not masked; else it is not genuine',
  'token-duplicate-member': FORGED,
  'token-algorithm': FORGED,
  'token-header-refused': FORGED,
  'token-key-id': FORGED,
  'token-issuer':
    'see who made it (iss); ACS_ISSUER, or EVENT_GRID_TENANT_ID and EVENT_GRID_AUTHORITY, say whose tokens count',
  'token-audience':
    'compare aud with ACS_RESOURCE_ID (az communication show --query immutableResourceId) or EVENT_GRID_AUDIENCE; where yours is right, it was sent by another customer',
  'token-claim-invalid': FORGED,
  'token-expiry-missing': FORGED,
  'token-never-valid': FORGED,
  'token-expired': `--at judges it at another time; where it came in time, ${CLOCKS}`,
  'token-life-too-long':
    'a media token is no callback token; CALLBACK_TOKEN_LIFE_SECONDS and MEDIA_TOKEN_LIFE_SECONDS say how long each lives',
  'token-not-yet-valid': CLOCKS,
  'token-issued-in-future': CLOCKS,
  'token-tenant': 'compare tid with EVENT_GRID_TENANT_ID',
  'token-application':
    'compare appid or azp with EVENT_GRID_SENDER_APP_ID: another cloud has another application',
  'token-role': 'give the role to the service principal of Event Grid: docs/incoming-calls.md',
  'token-key-unknown':
    'the keys are those of now: a token from before a rotation cannot be verified any more. Else it is not of this issuer',
  'token-key-unconfirmed':
    'ask again in ten seconds: the issuer is asked for an unknown key at most that often',
  'token-signature':
    'the token was altered, or made by somebody else; of Vonage: compare the signature secret of this kind, or of the account',
  'keys-unavailable': KEYS,
  'callback-unsigned': 'the app answers 503, and Vonage sends it again, signed; capture that one',
  'token-project':
    'compare api_key and application_id with VONAGE_PROJECTS, or of Voice and Messages with VONAGE_ACCOUNTS',
  'token-issued-missing': FORGED,
  'token-too-old': '--at judges it at another time; VONAGE_MAX_AGE_SECONDS says how old a callback may be',
  'payload-hash-malformed': FORGED,
  'payload-hash-wrong': BYTES,
  'vonage-secret-unavailable': `set the secret vonage-<apiKey>-<kind> or vonage-<apiKey>, or those of the application (docs/vonage.md); for Voice and Messages vonage-<apiKey>-account; else ${VAULT}`,
  'subscription-not-allowed':
    'add the name of the subscription to EVENT_GRID_SUBSCRIPTIONS, where it is yours',
  'shared-key-missing':
    'set the delivery attribute x-ringward-key of the subscription: docs/incoming-calls.md; a capture has to hold it',
  'shared-key-wrong':
    'compare the delivery attribute of the subscription with EVENT_GRID_KEY_SECRET; a capture has to hold it as it was, not masked',
  'shared-key-not-configured':
    'set EVENT_GRID_KEY_SECRET, or make the subscription in the schema of Event Grid: docs/incoming-calls.md',
  'shared-key-unavailable': VAULT,
  'webhook-origin': 'only Event Grid gets this permission: a request for another origin is not from it',
  'webhook-rate': 'Event Grid asks for a number of deliveries a minute, or *',
  'check-threw': 'please report it, with what the request looked like',
  'body-chunked':
    'let the proxy in front of the app send Content-Length (nginx: proxy_request_buffering on), or write Content-Length into a capture that was made in front of it',
  'content-type': 'the sender writes application/json or application/cloudevents+json',
  'not-json': BYTES,
  'no-events': 'see that the body holds events, each with its id and its data',
  'handshake-malformed': 'Event Grid validates with exactly one event, under its own aeg-event-type',
  'topic-not-allowed': 'add the ARM id of the resource to EVENT_GRID_TOPICS, where it is yours',
  ...Object.assign({}, ...providers.map((provider) => provider.advice)),
};
