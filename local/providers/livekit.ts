import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { livekitEvents } from '../../shared/events/livekit.ts';
import { routePath } from '../../shared/delivery/endpoint.ts';
import type { RejectionReason } from '../../shared/reasons.ts';
import { hs256, isHs256 } from '../fakes/token.ts';
import { answeredBy, post } from '../http/request.ts';
import type { OutgoingRequest } from '../http/request.ts';
import { HANDLED, HANDLED_BEFORE, send } from '../scenarios/context.ts';
import type { FakeService, Target } from '../target.ts';
import { algorithmForgeries, foreignKey } from './algorithm-forgeries.ts';
import { objectsIn, withObjects } from './bodies.ts';
import { forgeriesOf, forgery, forgeryFamilies, withHeaders } from './forgery.ts';
import type { Forgery, Genuine } from './forgery.ts';
import type { RehearsalProvider } from './provider.ts';
import { withHeader } from './resign.ts';
import { ANY_BASE_URL, familiesOf, isPast, verifiedClaims } from './tested-sender.ts';
import { expiryForms, inForm, inForms, TOKEN_FORMS, writtenForms } from './token-forms.ts';

const LIFE_SECONDS = 300;
const now = () => Math.floor(Date.now() / 1000);
const sha256 = (body: string | Uint8Array) => createHash('sha256').update(body).digest('base64');

/** A project at LiveKit, which signs with one API key. */
export type LiveKitSender = ReturnType<typeof newLiveKit>;

export function newLiveKit({
  apiKey = `API${randomBytes(6).toString('hex')}`,
  apiSecret = newSecret(),
} = {}) {
  const header = () => ({ alg: 'HS256', typ: 'JWT' });
  const claims = (body: string | Uint8Array) => ({
    iss: apiKey,
    nbf: now(),
    exp: now() + LIFE_SECONDS,
    sha256: sha256(body),
  });
  const token = (body: string | Uint8Array) => hs256(header(), claims(body), apiSecret);
  return {
    apiKey,
    apiSecret,
    header,
    claims,
    token,
    webhook: (baseUrl: string, body: string | Uint8Array): OutgoingRequest => ({
      url: `${baseUrl}${routePath('callbacks/livekit')}`,
      headers: [
        ['authorization', token(body)],
        ['content-type', 'application/webhook+json'],
      ],
      body,
    }),
  };
}

/** The same in each conformance run, so that a receiver is set up once. */
const TESTED = { apiKey: 'APIconformance', apiSecret: 'for-conformance-runs-only-never-deploy-this-secret' };

const newSecret = () => randomBytes(32).toString('base64url');

/** One body of each event, in the JSON form of LiveKit's protocol buffers. */
export function sampleBody(event: string, change: Record<string, unknown> = {}): string {
  const [kind = ''] = event.split('_');
  const room = { sid: `RM_${randomUUID()}`, name: 'lobby', creationTime: String(now()), numParticipants: 1 };
  const participant = { sid: 'PA_abcdefghijkl', identity: 'guest', state: 'ACTIVE' };
  const track = { sid: 'TR_abcdefghijkl', type: 'VIDEO', source: 'CAMERA', mimeType: 'video/VP8' };
  const egressInfo = { egressId: 'EG_abcdefghijkl', roomId: room.sid, status: 'EGRESS_COMPLETE' };
  const members: Record<string, object> = {
    room: { room },
    participant: { room, participant },
    track: { room, participant, track },
    egress: { egressInfo },
    ingress: { ingressInfo: { ingressId: 'IN_abcdefghijkl', state: { status: 'ENDPOINT_INACTIVE' } } },
    agent: { room, job: { id: 'AJ_abcdefghijkl' } },
  };
  const common = { id: `EV_${randomUUID()}`, createdAt: String(now()) };
  return JSON.stringify({ event, ...members[kind], ...common, ...change });
}

export type GenuineLiveKit = Genuine & { readonly livekit: LiveKitSender };
type LiveKitForgery = Forgery<GenuineLiveKit>;

/** LiveKit names no scheme before the token. */
const carrying = (request: OutgoingRequest, token: string) =>
  withHeaders({ request }, () => [['authorization', token]]);

/** Signed as LiveKit signs, with another header, other claims or another secret. */
function signed(
  { request, livekit }: GenuineLiveKit,
  change: {
    claims?: Record<string, unknown>;
    header?: Record<string, unknown>;
    secret?: string | Uint8Array;
  },
): OutgoingRequest {
  const claims = { ...livekit.claims(request.body), ...change.claims };
  const token = hs256({ ...livekit.header(), ...change.header }, claims, change.secret ?? livekit.apiSecret);
  return carrying(request, token);
}

const claiming = (
  name: string,
  reason: RejectionReason,
  claims: (genuine: GenuineLiveKit) => Record<string, unknown>,
) => forgery<GenuineLiveKit>(name, reason, (genuine) => signed(genuine, { claims: claims(genuine) }));
const withSecret = (name: string, secret: (genuine: GenuineLiveKit) => string | Uint8Array) =>
  forgery<GenuineLiveKit>(name, 'token-signature', (genuine) => signed(genuine, { secret: secret(genuine) }));
const withBody = (name: string, change: (body: string) => string) =>
  forgery<GenuineLiveKit>(name, 'payload-hash-wrong', ({ request }) => ({
    ...request,
    body: change(String(request.body)),
  }));

const hashOf = ({ request }: GenuineLiveKit) => sha256(request.body);
/** Of a participant, as an app mints it for its users. */
const GRANTS = { sub: 'guest', video: { roomJoin: true, room: 'lobby' }, sha256: undefined };

export const webhookForgeries: Readonly<Record<string, readonly LiveKitForgery[]>> = {
  'The algorithm of a LiveKit token': algorithmForgeries('livekit', ({ request, livekit }) => ({
    header: livekit.header(),
    claims: livekit.claims(request.body),
    secret: livekit.apiSecret,
    carry: (token) => carrying(request, token),
  })),
  'The secret of a LiveKit token': [
    withSecret('livekit-secret-empty', () => ''),
    withSecret('livekit-secret-nul', () => '\0'),
    withSecret('livekit-secret-of-development', () => 'secret'),
    withSecret('livekit-secret-of-another', newSecret),
    withSecret('livekit-secret-is-the-api-key', ({ livekit }) => livekit.apiKey),
    withSecret('livekit-secret-is-a-public-key', () =>
      foreignKey().publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ),
  ],
  'The API key of a LiveKit token': [
    ...Object.entries({
      'of-another': 'APIof-another',
      path: '../../another-secret',
      proto: '__proto__',
      missing: undefined,
      empty: '',
      number: 7,
    }).map(([what, iss]) => claiming(`livekit-key-${what}`, 'livekit-key-unknown', () => ({ iss }))),
    claiming('livekit-key-array', 'livekit-key-unknown', ({ livekit }) => ({ iss: [livekit.apiKey] })),
    claiming('livekit-key-other-case', 'livekit-key-unknown', ({ livekit }) => ({
      iss: livekit.apiKey.toLowerCase().replace('api', 'aPi'),
    })),
  ],
  'The hash of a LiveKit body': [
    claiming('livekit-hash-missing', 'livekit-hash-malformed', () => ({ sha256: undefined })),
    claiming('livekit-hash-empty', 'livekit-hash-malformed', () => ({ sha256: '' })),
    claiming('livekit-hash-in-hex', 'livekit-hash-malformed', (genuine) => ({
      sha256: Buffer.from(hashOf(genuine), 'base64').toString('hex'),
    })),
    claiming('livekit-hash-without-padding', 'livekit-hash-malformed', (genuine) => ({
      sha256: hashOf(genuine).replace('=', ''),
    })),
    claiming('livekit-hash-array', 'livekit-hash-malformed', (genuine) => ({ sha256: [hashOf(genuine)] })),
    claiming('livekit-hash-cut-short', 'livekit-hash-malformed', (genuine) => ({
      sha256: hashOf(genuine).slice(0, 40),
    })),
    claiming('livekit-hash-of-nothing', 'payload-hash-wrong', () => ({ sha256: sha256('') })),
    // The members are the same, the bytes are not.
    withBody('livekit-body-reserialised', (body) => JSON.stringify(JSON.parse(body), undefined, 1)),
    withBody('livekit-body-altered', (body) => body.replace('room_started', 'room_finished')),
    withBody('livekit-body-longer', (body) => `${body} `),
    withBody('livekit-body-of-another-event', () => sampleBody('room_started')),
    withBody('livekit-body-empty', () => ''),
  ],
  'The times of a LiveKit token': [
    claiming('livekit-exp-missing', 'token-expiry-missing', () => ({ exp: undefined })),
    claiming('livekit-exp-in-digits', 'token-claim-invalid', () => ({ exp: String(now() + 300) })),
    claiming('livekit-exp-null', 'token-claim-invalid', () => ({ exp: null })),
    claiming('livekit-exp-passed', 'token-expired', () => ({ exp: now() - 120 })),
    claiming('livekit-exp-in-milliseconds', 'token-life-too-long', () => ({ exp: Date.now() })),
    claiming('livekit-exp-twelve-minutes-ahead', 'token-life-too-long', () => ({ exp: now() + 720 })),
    claiming('livekit-nbf-long-ago', 'token-life-too-long', () => ({ nbf: now() - 86_400 })),
    claiming('livekit-nbf-in-future', 'token-not-yet-valid', () => ({ nbf: now() + 200 })),
    claiming('livekit-exp-before-nbf', 'token-never-valid', () => ({ nbf: now() + 400 })),
    claiming('livekit-iat-in-future', 'token-issued-in-future', () => ({ iat: now() + 200 })),
  ],
  'A participant of LiveKit': [
    claiming('livekit-access-token', 'livekit-hash-malformed', () => ({ ...GRANTS, exp: now() + 6 * 3600 })),
    claiming('livekit-access-token-for-minutes', 'livekit-hash-malformed', () => GRANTS),
    claiming('livekit-access-token-with-a-hash', 'token-life-too-long', (genuine) => ({
      ...GRANTS,
      sha256: hashOf(genuine),
      exp: now() + 6 * 3600,
    })),
  ],
  'How a LiveKit token is carried': [
    forgery('livekit-token-missing', 'token-missing', (genuine) => withHeaders(genuine, () => [])),
    forgery('livekit-token-in-another-header', 'token-missing', (genuine) =>
      withHeaders(genuine, (token) => [['authorize', token]]),
    ),
    forgery('livekit-token-empty', 'token-not-bearer', (genuine) =>
      withHeaders(genuine, () => [['authorization', '']]),
    ),
    forgery('livekit-token-basic', 'token-not-bearer', (genuine) =>
      withHeaders(genuine, (token) => [['authorization', `Basic ${token}`]]),
    ),
    forgery('livekit-token-twice', 'token-not-bearer', (genuine) =>
      withHeaders(genuine, (token) => [
        ['authorization', token],
        ['authorization', token],
      ]),
    ),
    forgery('livekit-token-padded', 'token-malformed', (genuine) =>
      withHeaders(genuine, (token) => [['authorization', `${token}=`]]),
    ),
    forgery('livekit-header-crit', 'token-header-refused', (genuine) =>
      signed(genuine, { header: { crit: ['exp'] } }),
    ),
    forgery('livekit-header-jwk', 'token-header-refused', (genuine) =>
      signed(genuine, { header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } } }),
    ),
  ],
};

/** LiveKit: the webhooks of rooms, participants, tracks, egress, ingress and agents. */
export const livekit: RehearsalProvider<FakeService & LiveKitSender> = {
  name: 'livekit',

  async start({ vault }) {
    const sender = newLiveKit();
    vault.add(`livekit-${sender.apiKey}`, sender.apiSecret);
    return {
      ...sender,
      issuers: [],
      environment: { LIVEKIT_KEYS: sender.apiKey },
      close: async () => {},
    };
  },

  samples: livekitEvents.map((event) => ({
    group: 'LiveKit',
    name: event,
    send: async (target: Target) =>
      answeredBy(await post(senderOf(target).webhook(target.baseUrl, sampleBody(event)))),
  })),

  forgeries: forgeryFamilies(async (target) => {
    const sender = senderOf(target);
    return { request: sender.webhook(target.baseUrl, sampleBody('room_started')), livekit: sender };
  }, webhookForgeries),

  advice: {
    'livekit-key-unknown': 'compare iss with LIVEKIT_KEYS: which API key signs is set where the URL is',
    'livekit-hash-malformed':
      'a webhook of LiveKit has the hash of its body; an access token of a participant opens nothing here',
    'livekit-secret-unavailable':
      'store the secret of the API key as livekit-<apiKey> (docs/livekit.md), and see KEY_VAULT_URL and who you are signed in as (az login)',
  },

  scenarios: [
    {
      title: 'LiveKit reports each of its events',
      async play(context) {
        const sender = senderOf(context);
        for (const event of [...livekitEvents, 'not_yet_known']) {
          await send(context, event, sender.webhook(context.baseUrl, sampleBody(event)), HANDLED);
        }
        const body = sampleBody('room_started');
        const first = sender.webhook(context.baseUrl, body);
        const isDone = await send(context, 'room_started', first, HANDLED);
        const again = sender.webhook(context.baseUrl, body);
        await send(
          context,
          'the same under a new token',
          { ...again, headers: withHeader(again.headers, 'authorization', `Bearer ${sender.token(body)}`) },
          isDone ? HANDLED_BEFORE : HANDLED,
        );
      },
    },
  ],

  async resign({ target: path, headers, body }, target) {
    return { target: path, headers: withHeader(headers, 'authorization', senderOf(target).token(body)) };
  },

  async renew({ body, ...delivery }) {
    const fresh = { id: `EV_${randomUUID()}`, createdAt: String(now()) };
    const renewed = withObjects(body, (event) => ({ ...event, ...fresh }));
    return renewed && { ...delivery, body: renewed };
  },

  tested: [
    {
      name: 'livekit',
      async start() {
        const sender = newLiveKit(TESTED);
        const webhook = (body: string) => sender.webhook(ANY_BASE_URL, body);
        return {
          settings: { LIVEKIT_API_KEY: sender.apiKey, LIVEKIT_API_SECRET: sender.apiSecret },
          samples: livekitEvents.map((event) => ({ name: event, make: () => webhook(sampleBody(event)) })),
          forms: {
            [TOKEN_FORMS.allowed]: inForms([...writtenForms, ...expiryForms], (form) => {
              const request = webhook(sampleBody('room_started'));
              const made = { header: sender.header(), claims: sender.claims(request.body) };
              const { header, claims } = inForm(form, made);
              return carrying(request, hs256(header, claims, sender.apiSecret));
            }),
            [TOKEN_FORMS.request]: [
              { name: 'an-event-of-an-unknown-type', make: () => webhook(sampleBody('not_yet_known')) },
              {
                name: 'an-event-with-unknown-members',
                make: () => webhook(sampleBody('room_started', { notYetKnown: { list: [null] } })),
              },
              {
                name: 'letters-beyond-ascii',
                make: () => webhook(sampleBody('room_started', { note: 'Zoë ☎️' })),
              },
              {
                name: 'a-body-with-white-space',
                make: () => webhook(JSON.stringify(JSON.parse(sampleBody('room_started')), undefined, 2)),
              },
              {
                name: 'a-content-type-with-charset',
                make: () => {
                  const { headers, ...request } = webhook(sampleBody('room_started'));
                  const type = 'application/webhook+json; charset=utf-8';
                  return { ...request, headers: withHeader(headers, 'content-type', type) };
                },
              },
            ],
          },
          forgeries: familiesOf(
            () => ({ request: webhook(sampleBody('room_started')), livekit: sender }),
            webhookForgeries,
          ),
          isOfSender(forged) {
            const isRight = (input: string, signature: Uint8Array) =>
              isHs256(input, signature, sender.apiSecret);
            const claims = verifiedClaims(forged, isRight);
            const isBound = claims?.['sha256'] === sha256(forged.body) && claims['iss'] === sender.apiKey;
            return isBound && !isPast(claims['exp']);
          },
          isRepeatable: true,
          close: async () => {},
        };
      },
    },
  ],

  typesOf: (body) => objectsIn(body).map(({ event }) => event),

  withSecrets(settings) {
    const [apiKey] = settings.LIVEKIT_KEYS ?? [];
    const apiSecret = settings.developmentSecret(`livekit-${apiKey}`);
    if (apiKey === undefined || apiSecret === undefined) return undefined;
    const sender = newLiveKit({ apiKey, apiSecret });
    // A server in development mode has this secret.
    const isRefused = (name: string) => name !== 'livekit-secret-of-development' || apiSecret !== 'secret';
    return {
      samples: livekitEvents.map((event) => ({
        group: 'LiveKit',
        name: event,
        make: (baseUrl: string) => sender.webhook(baseUrl, sampleBody(event)),
      })),
      forgeries: forgeriesOf(
        webhookForgeries,
        (baseUrl) => ({ request: sender.webhook(baseUrl, sampleBody('room_started')), livekit: sender }),
        isRefused,
      ),
    };
  },
};

const senderOf = ({ cloud }: Target): LiveKitSender => cloud.of(livekit);
