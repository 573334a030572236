import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isJsonContentType, jsonObject } from '../delivery/body.ts';
import type { Delivery, VerifiedEvent } from '../delivery/endpoint.ts';
import { Outage, reject } from '../errors.ts';
import type { HandlerContext } from '../events/context.ts';
import { livekitEvents } from '../events/livekit.ts';
import type { LiveKitEvent, LiveKitHandlers } from '../events/livekit.ts';
import { allOf } from '../health.ts';
import type { SecretVersions } from '../secrets/versions.ts';
import { list, ordinal } from '../settings/parse.ts';
import { row } from '../settings/table.ts';
import { bodyHash } from '../verification/body-hash.ts';
import type { Check } from '../verification/check.ts';
import { checkTimes, summarizeClaims } from '../verification/claims.ts';
import { bearerToken, checkHeader, hs256Key, isSignedWithAny, parseCompactJws } from '../verification/jwt.ts';
import type { JsonObject } from '../verification/strict-json.ts';
import type { ImpliedSecret, Provider } from './provider.ts';

const settings = {
  LIVEKIT_KEYS: row({
    meaning:
      'The API keys with which your LiveKit projects sign webhooks, separated by commas. Enables the LiveKit route',
    example: 'APIabcdEFGH1234',
    parse: list(apiKey),
  }),
};

const ROUTE = 'callbacks/livekit';
const UNAVAILABLE = 'livekit-secret-unavailable';

/** The webhooks of LiveKit: a token with the hash of the body, signed with the secret of an API key. */
export const livekit: Provider<typeof settings, { readonly livekit?: LiveKitHandlers }> = {
  name: 'livekit',
  title: 'LiveKit',
  page: 'livekit.md',
  settings,
  enabledBy: ['LIVEKIT_KEYS'],
  routes: [{ name: 'livekit-callback', path: ROUTE, methods: ['POST'], unavailableStatus: 503 }],
  secrets: ({ LIVEKIT_KEYS: keys = [] }) => keys.map(secretOf),

  create({ clock, secrets }, given, handlers) {
    const byKey = new Map(
      (given.LIVEKIT_KEYS ?? []).map((key, index) => [
        key,
        // By its place: what stands there may be a secret in the wrong place.
        secrets.required(secretOf(key).name, `LIVEKIT_KEYS, ${ordinal(index + 1)}`, UNAVAILABLE),
      ]),
    );
    const token = livekitToken({ secrets: byKey, toleranceSeconds: given.CLOCK_TOLERANCE_SECONDS, clock });
    const endpoint = {
      provider: 'livekit',
      function: 'livekit-callback',
      method: 'POST' as const,
      path: ROUTE,
      checks: [token, bodyHash],
      unavailableStatus: 503 as const,
      accepts: isJsonContentType,
      delivery: deliveryOf(handlers.livekit ?? {}),
    };
    return { endpoints: [endpoint], dependencies: { 'livekit-secrets': allOf([...byKey.values()]) } };
  },
};

/** LiveKit signs a webhook for five minutes. An access token of a participant lives for hours. */
const MAX_LIFE_SECONDS = 600;

/**
 * The token of a webhook: HS256 with the secret of the API key in `iss`, and in `sha256` the hash of the body. The header
 * holds it without a scheme. https://docs.livekit.io/server/webhooks/
 */
function livekitToken(options: {
  secrets: ReadonlyMap<string, SecretVersions>;
  toleranceSeconds: number;
  clock: Clock;
}): Check {
  const { secrets, toleranceSeconds, clock } = options;
  return {
    name: 'livekit-token',
    async run({ headers }, signal) {
      const jws = parseCompactJws(bearerToken(headers, ['authorization'], { isSchemeOptional: true }));
      const { header, claims } = jws;
      checkHeader(header, 'HS256');
      // The claim chooses among the configured keys; it cannot name any other secret.
      const key = String(claims['iss']);
      const secret = (key === claims['iss'] && secrets.get(key)) || reject('livekit-key-unknown');
      const payloadHash = payloadHashOf(claims);
      checkTimes(claims, { lifeSeconds: MAX_LIFE_SECONDS, toleranceSeconds }, clock.now());
      const keys = (await secret.versions(signal)).map((version) => hs256Key(version.key));
      if (!(await isSignedWithAny(jws, 'HS256', keys))) {
        // Where the value of a version is missing, the token may be signed with that version.
        if (!secret.isComplete()) throw new Outage(UNAVAILABLE);
        reject('token-signature');
      }
      return {
        sender: 'LiveKit',
        project: key,
        payloadHash,
        claims: summarizeClaims(claims, clock.now()),
      };
    },
  };
}

/** Only a webhook has this claim: an access token of a participant is signed with the same secret. */
function payloadHashOf({ sha256 }: JsonObject): string {
  const bytes = typeof sha256 === 'string' ? Buffer.from(sha256, 'base64') : Buffer.alloc(0);
  if (bytes.length !== 32 || bytes.toString('base64') !== sha256) reject('livekit-hash-malformed');
  return bytes.toString('hex');
}

type LiveKitWebhook = VerifiedEvent & { readonly event: LiveKitEvent };
type AnyHandler = (event: LiveKitEvent, context: HandlerContext) => unknown;

function deliveryOf(handlers: LiveKitHandlers): Delivery<LiveKitWebhook> {
  // The name decides which event the handler takes, which the compiler cannot follow through a look-up.
  const byName = new Map(Object.entries(handlers) as [string, AnyHandler][]);
  return {
    concurrency: 1,
    eventTypes: new Set(livekitEvents),
    parse({ body }, { project = '' }) {
      const event = jsonObject(body);
      if (typeof event === 'string') return event;
      if (!isEvent(event)) return 'no-events';
      const key = hash('sha256', JSON.stringify([project, event.id]), 'base64url');
      return { events: [{ type: event.event, key: `livekit:${key}`, event }], unusable: 0 };
    },
    handlerFor({ event }) {
      const handler = byName.get(event.event) ?? byName.get('otherwise');
      return handler && ((context) => handler(event, { ...context, reference: roomOf(event) }));
    },
  };
}

function isEvent(value: object): value is LiveKitEvent {
  const { id, event } = value as { id?: unknown; event?: unknown };
  return typeof id === 'string' && id !== '' && typeof event === 'string';
}

/** The session id of the room. An egress names it in a member of its own. */
function roomOf(event: LiveKitEvent): string {
  const { room, egressInfo } = event as { room?: { sid?: unknown }; egressInfo?: { roomId?: unknown } };
  const id = room?.sid ?? egressInfo?.roomId;
  return typeof id === 'string' ? id : '';
}

const secretOf = (key: string): ImpliedSecret => ({
  name: `livekit-${key}`,
  forms: ['livekit-<apiKey>'],
  purposes: { webhooks: [`livekit-${key}`] },
  setIn: 'LiveKit, the secret of this API key',
});

/** Letters, digits and dashes, because it becomes part of the name of a secret. */
function apiKey(text: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(text)) throw new Error('is no API key of LiveKit');
  return text;
}
