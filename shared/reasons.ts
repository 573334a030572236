/**
 * Every reason for an answer other than 200, with the kind of answer and one line for the operator. Log, page, documentation
 * and tests use these codes, and they are stable. A sender never sees them.
 */
export const reasons = {
  // Before any check
  'body-too-large': {
    answer: 'too-large',
    means: 'the body is larger than 1 MiB, or than 1.5 MiB from Event Grid, or than 64 KiB from Twilio',
  },
  'body-unreadable': { answer: 'unauthorized', means: 'the body broke off, or did not arrive in time' },

  'settings-faulty': {
    answer: 'unavailable',
    means:
      'the settings of the app are faulty: its log names each fault at start, and so does npm run doctor',
  },

  // Sub-requests of a proxy
  'sub-request-purpose': {
    answer: 'unauthorized',
    means: 'the sub-request asks neither ?for=callback nor ?for=media: see docs/perimeter.md',
  },
  'original-uri-malformed': {
    answer: 'unauthorized',
    means: 'X-Original-URI is not one path and query',
  },

  // The source address
  'source-address-foreign': {
    answer: 'forbidden',
    means: "the address is in none of the sender's published ranges",
  },
  'source-address-unknown': {
    answer: 'forbidden',
    means: 'no usable client address in X-Forwarded-For: TRUSTED_PROXY_HOPS may not fit the proxies in front',
  },

  // The callback key in the URI
  'callback-key-missing': { answer: 'unauthorized', means: 'the URI carries no callback key' },
  'callback-key-repeated': { answer: 'unauthorized', means: 'the URI carries more than one callback key' },
  'callback-key-malformed': { answer: 'unauthorized', means: 'not of the form v1.<kid>.<ref>.<exp>.<mac>' },
  'callback-key-unknown-id': {
    answer: 'unauthorized',
    means: 'signed with a secret version that is not, or no longer, enabled',
  },
  'callback-key-unconfirmed': {
    answer: 'unavailable',
    means:
      'signed with a secret version that is not known, and the vault can be asked again only once in 10 s',
  },
  'callback-key-forged': {
    answer: 'unauthorized',
    means: 'the MAC does not match: another secret, another purpose, or altered',
  },
  'callback-key-expired': { answer: 'unauthorized', means: 'the callback key has expired' },
  'callback-key-too-far-ahead': {
    answer: 'unauthorized',
    means: 'expires further ahead than CALLBACK_KEY_TTL_SECONDS allows',
  },
  'callback-secret-unavailable': {
    answer: 'unavailable',
    means: 'the secret of the callback key, or the connection string, is not available',
  },

  // The form of the token
  'token-missing': { answer: 'unauthorized', means: 'no Authorization header' },
  'token-not-bearer': {
    answer: 'unauthorized',
    means: 'the header is not one bearer token: another scheme, repeated or malformed',
  },
  'token-too-long': { answer: 'unauthorized', means: 'the token is longer than 8 KiB' },
  'token-malformed': {
    answer: 'unauthorized',
    means: 'not a compact JWS: three segments of canonical base64url, none empty',
  },
  'token-not-json': { answer: 'unauthorized', means: 'header or claims are not a JSON object in UTF-8' },
  'token-duplicate-member': {
    answer: 'unauthorized',
    means: 'a member name occurs twice in header or claims',
  },
  'token-algorithm': {
    answer: 'unauthorized',
    means: 'signed with an algorithm other than the one this sender uses',
  },
  'token-header-refused': {
    answer: 'unauthorized',
    means: 'the header holds crit, b64, zip, or a key of its own (jwk, jku, x5u, x5c)',
  },
  'token-key-id': { answer: 'unauthorized', means: 'kid is missing, not a string, empty or too long' },

  // The claims of the token
  'token-issuer': { answer: 'unauthorized', means: 'iss is not the expected issuer' },
  'token-audience': {
    answer: 'unauthorized',
    means: 'aud is not this resource: the token is for another resource, or ACS_RESOURCE_ID is wrong',
  },
  'token-claim-invalid': { answer: 'unauthorized', means: 'exp, nbf, iat or jti is not of its type' },
  'token-expiry-missing': { answer: 'unauthorized', means: 'the token has no exp' },
  'token-never-valid': { answer: 'unauthorized', means: 'exp is not after nbf' },
  'token-expired': { answer: 'unauthorized', means: 'exp has passed, tolerance included' },
  'token-life-too-long': {
    answer: 'unauthorized',
    means: 'exp is further ahead, or further from iat or nbf, than a token of this purpose lives',
  },
  'token-not-yet-valid': { answer: 'unauthorized', means: 'nbf lies in the future, tolerance included' },
  'token-issued-in-future': { answer: 'unauthorized', means: 'iat lies in the future, tolerance included' },

  'token-tenant': { answer: 'unauthorized', means: 'tid is not the tenant of EVENT_GRID_TENANT_ID' },
  'token-application': {
    answer: 'unauthorized',
    means: 'appid or azp is not Event Grid of this cloud: see EVENT_GRID_SENDER_APP_ID',
  },
  'token-role': {
    answer: 'unauthorized',
    means:
      'roles lacks AzureEventGridSecureWebhookSubscriber: assign it to the service principal of Event Grid (refused where EVENT_GRID_ROLE is enforce)',
  },

  // The signature of the token
  'token-key-unknown': {
    answer: 'unauthorized',
    means: "kid is not in the issuer's key set, freshly fetched",
  },
  'token-key-unconfirmed': {
    answer: 'unavailable',
    means: "kid is not in the issuer's key set, which can be fetched again only once in 10 s",
  },
  'token-signature': { answer: 'unauthorized', means: 'the signature does not verify' },
  'keys-unavailable': { answer: 'unavailable', means: "the issuer's keys are not available" },

  // Vonage
  'callback-unsigned': {
    answer: 'unavailable',
    means:
      'a Vonage callback without any token: Vonage sends one in rare internal errors, and asks for a 5xx',
  },
  'token-project': {
    answer: 'unauthorized',
    means: 'api_key or application_id is not among VONAGE_PROJECTS (of Voice and Messages: VONAGE_ACCOUNTS)',
  },
  'token-issued-missing': { answer: 'unauthorized', means: 'the token has no iat' },
  'token-too-old': { answer: 'unauthorized', means: 'iat is longer ago than VONAGE_MAX_AGE_SECONDS' },
  'payload-hash-malformed': { answer: 'unauthorized', means: 'payload_hash is not 64 lower-case hex digits' },
  'payload-hash-wrong': {
    answer: 'unauthorized',
    means: 'the body, or the query of a GET, is not the one that the token was signed for',
  },
  'vonage-secret-unavailable': {
    answer: 'unavailable',
    means: 'the signature secret of this project and kind, or of this account, is not available',
  },

  // LiveKit
  'livekit-key-unknown': { answer: 'unauthorized', means: 'iss is not among LIVEKIT_KEYS' },
  'livekit-hash-malformed': {
    answer: 'unauthorized',
    means: 'the token has no sha256 with the base64 of a hash: an access token of a participant has none',
  },
  'livekit-secret-unavailable': {
    answer: 'unavailable',
    means: 'the secret of this API key is not available',
  },

  // Twilio
  'twilio-account-unknown': {
    answer: 'unauthorized',
    means: 'AccountSid is missing, not among TWILIO_ACCOUNTS, or not the account whose secret signed',
  },
  'twilio-signature': {
    answer: 'unauthorized',
    means: 'no secret in force signed the public URL with these fields',
  },
  'twilio-secret-unavailable': {
    answer: 'unavailable',
    means: 'the secrets of the account are not available',
  },

  // Event Grid
  'subscription-not-allowed': {
    answer: 'unauthorized',
    means: 'aeg-subscription-name is not among EVENT_GRID_SUBSCRIPTIONS',
  },
  'shared-key-missing': {
    answer: 'unauthorized',
    means: 'no x-ringward-key, and no key in the query string',
  },
  'shared-key-wrong': {
    answer: 'unauthorized',
    means: 'the shared key matches no version that is in force',
  },
  'shared-key-not-configured': {
    answer: 'unauthorized',
    means:
      'OPTIONS needs the shared key, and EVENT_GRID_KEY_SECRET is not set: set it, or use the schema of Event Grid',
  },
  'shared-key-unavailable': {
    answer: 'unavailable',
    means: 'the shared key is not available from the vault',
  },
  'webhook-origin': {
    answer: 'unauthorized',
    means: 'WebHook-Request-Origin is not that of Event Grid in any cloud',
  },
  'webhook-rate': {
    answer: 'unauthorized',
    means: 'WebHook-Request-Rate is neither a number above zero nor *',
  },

  'check-threw': {
    answer: 'unauthorized',
    means: 'a check failed unexpectedly: please report it',
  },

  'body-chunked': {
    answer: 'unavailable',
    means:
      'the body came in chunks, which the Functions host does not pass on: a proxy in front of the app sends no Content-Length',
  },

  // After verification
  'content-type': { answer: 'unsupported-media-type', means: 'verified, but not of a JSON content type' },
  'not-json': { answer: 'bad-request', means: 'verified, but the body is not JSON in UTF-8' },
  'no-events': { answer: 'bad-request', means: 'verified, but the body has no usable event' },
  'handshake-malformed': {
    answer: 'bad-request',
    means:
      'verified, but no handshake: not exactly one validation event with a code, or under another aeg-event-type',
  },
  'topic-not-allowed': {
    answer: 'unauthorized',
    means: 'verified, but the topic is not among EVENT_GRID_TOPICS',
  },
  'token-reused': {
    answer: 'unauthorized',
    means: 'verified, but the token was used before with another body (refused where TOKEN_REUSE is enforce)',
  },
  'reference-of-another-call': {
    answer: 'unauthorized',
    means:
      'verified, but the callback URI was minted for another call (refused where CALL_BINDING is enforce)',
  },
  'delivery-in-progress': { answer: 'unavailable', means: 'the same event is being handled at the moment' },
  'handler-timed-out': {
    answer: 'unavailable',
    means:
      'the handler did not end within HANDLER_TIMEOUT_SECONDS, or a second before a sender that acts on the response gives up',
  },
  'handler-threw': { answer: 'failed', means: 'the handler threw; the sender retries the event' },
  'lease-lost': {
    answer: 'unavailable',
    means:
      'the process stood still or was cut off from the ledger for longer than a lease, or another instance took the event over: it may be handled twice',
  },
  'ledger-unavailable': {
    answer: 'unavailable',
    means: 'the ledger cannot tell whether this event was handled',
  },

  // Sockets, after verification
  'upgrade-malformed': {
    answer: 'bad-request',
    means: 'verified, but no WebSocket handshake, or the connection ended before the answer',
  },
  'ticket-of-ended-call': {
    answer: 'unauthorized',
    means: 'verified, but the call of the ticket has ended: its CallDisconnected was received',
  },
  'ticket-in-use': {
    answer: 'unavailable',
    means: 'a live socket holds the ticket of this call and purpose',
  },
  'sockets-exhausted': {
    answer: 'unavailable',
    means: 'this instance has as many open sockets as MEDIA_MAX_SOCKETS allows',
  },
  'host-stopping': { answer: 'unavailable', means: 'the media host is stopping' },
  'delivery-threw': {
    answer: 'failed',
    means: 'Ringward itself failed after verification: please report it',
  },
} as const satisfies Record<string, { answer: AnswerName; means: string }>;

/** The kind of answer. `shared/delivery/response.ts` has the status of each. */
export type AnswerName =
  | 'unauthorized'
  | 'forbidden'
  | 'bad-request'
  | 'too-large'
  | 'unsupported-media-type'
  | 'unavailable'
  | 'failed';

export type Reason = keyof typeof reasons;
type ReasonsWith<A extends AnswerName> = {
  [R in Reason]: (typeof reasons)[R]['answer'] extends A ? R : never;
}[Reason];

/** The sender is wrong or forged; final. */
export type RejectionReason = ReasonsWith<'unauthorized' | 'forbidden'>;
/** We cannot tell right now; the sender should retry. */
export type OutageReason = ReasonsWith<'unavailable'>;
