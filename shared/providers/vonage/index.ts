import { hash } from 'node:crypto';
import { isJsonContentType, jsonElements } from '../../delivery/body.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../../delivery/endpoint.ts';
import type { HandlerContext, VonageHandlers } from '../../events/handlers.ts';
import { vonageKinds, vonageStates } from '../../events/vonage.ts';
import type { VonageEvent, VonageKind } from '../../events/vonage.ts';
import { MIN_SECRET_BYTES } from '../../secrets/vault-versions.ts';
import { integer, list, ordinal } from '../../settings/parse.ts';
import { row, secretSetting } from '../../settings/table.ts';
import type { IsSet } from '../../settings/table.ts';
import { blankSecret, orSecretSetting } from '../../settings/validate.ts';
import { sourceAddressCheck } from '../../verification/source-address.ts';
import { signatureSecrets, secretsOf } from './secrets.ts';
import { bodyHash, vonageToken } from './token.ts';
import type { VonageProject } from './token.ts';
import type { Provider, ProviderSettings } from '../provider.ts';

const settings = {
  VONAGE_PROJECTS: row({
    meaning:
      'Your Vonage projects, separated by commas: `apiKey`, or `apiKey:applicationId` to hold the application as well. Enables the Vonage routes',
    example: '12345678:aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
    parse: list(vonageProject),
  }),
  VONAGE_MAX_AGE_SECONDS: row({
    meaning: 'How old a Vonage callback may be, in seconds: retries last a day',
    default: '87300',
    parse: integer(60, 2 * 86400 - 600),
  }),
};

/** Source: https://developer.vonage.com/en/video/getting-started/allowed-ip-addresses, January 2024. */
const PUBLISHED_RANGES = ['216.147.0.0/18'];

const UNAVAILABLE_STATUS = 503;

/** Vonage Video callbacks: six kinds, each with a signature secret of its own or one for the project. */
export const vonage: Provider<typeof settings, { readonly vonage?: VonageHandlers }> = {
  name: 'vonage',
  settings,
  enabledBy: ['VONAGE_PROJECTS'],
  routes: [
    {
      name: 'vonage-callback',
      path: 'callbacks/vonage/{kind}',
      methods: ['POST'],
      unavailableStatus: UNAVAILABLE_STATUS,
    },
  ],
  publishedRanges: PUBLISHED_RANGES,
  secrets: ({ VONAGE_PROJECTS: projects = [] }) => projects.map(secretsOf),
  faults: secretFaults,

  create({ clock, note, secrets }, given, handlers) {
    const projects = given.VONAGE_PROJECTS ?? [];
    const signature = signatureSecrets(projects, secrets, note);
    const endpoints = vonageKinds.map((kind): Endpoint<VonageCallback> => ({
      provider: 'vonage',
      function: 'vonage-callback',
      method: 'POST',
      path: `callbacks/vonage/${kind}`,
      checks: [
        sourceAddressCheck(given, PUBLISHED_RANGES),
        vonageToken({
          projects,
          secrets: signature.forKind(kind),
          maxAgeSeconds: given.VONAGE_MAX_AGE_SECONDS,
          toleranceSeconds: given.CLOCK_TOLERANCE_SECONDS,
          clock,
        }),
        bodyHash,
      ],
      unavailableStatus: 503,
      accepts: isJsonContentType,
      delivery: deliveryOf(kind, handlers.vonage ?? {}),
    }));
    return { endpoints, dependencies: { 'vonage-secrets': signature.dependency } };
  },
};

type VonageCallback = VerifiedEvent & { readonly event: VonageEvent };

const eventTypes = new Set(
  vonageKinds.flatMap((kind) => vonageStates[kind].map((state) => `${kind}:${state}`)),
);

/**
 * A callback is one JSON object without an id. Its project, kind and body identify it, and its token as well where the
 * body has no timestamp, because two callbacks may then have the same body. Where one secret signs several kinds, the
 * token does not say which kind it is for: a captured callback must not run the handlers of each.
 */
function deliveryOf(kind: VonageKind, handlers: VonageHandlers): Delivery<VonageCallback> {
  const ofKind = handlers[kind];
  const byState = new Map(Object.entries(typeof ofKind === 'object' ? ofKind : {}));
  return {
    concurrency: 1,
    eventTypes,
    parse({ body }, proof) {
      const [event, ...others] = jsonElements(body) ?? [undefined];
      if (event === undefined) return 'not-json';
      if (typeof event !== 'object' || event === null || others.length > 0) return 'no-events';
      const { timestamp } = event as { timestamp?: unknown };
      const { project = '', application, payloadHash = '', tokenId = '', isSecretShared = false } = proof;
      const identity = [
        application === undefined ? project : `${project}:${application}`,
        ...(isSecretShared ? [] : [kind]),
        payloadHash,
        ...(timestamp === undefined ? [tokenId] : []),
      ];
      const key = hash('sha256', JSON.stringify(identity), 'base64url');
      const type = `${kind}:${stateOf(event)}`;
      return { events: [{ type, key: `vonage:${key}`, event: event as VonageEvent }], unusable: 0 };
    },
    handlerFor({ event }) {
      const chosen =
        typeof ofKind === 'function' ? ofKind : (byState.get(stateOf(event)) ?? byState.get('otherwise'));
      // The kind decides which event the handler takes, which the compiler cannot follow through a look-up.
      const handler = chosen as ((event: VonageEvent, context: HandlerContext) => unknown) | undefined;
      return handler && ((context) => handler(event, { ...context, reference: sessionOf(event) }));
    },
  };
}

/** The event that the callback names, or its status: an archive's event is always `archive`. */
function stateOf(event: object): string {
  const { event: name, status } = event as { event?: unknown; status?: unknown };
  const state = status ?? name;
  return typeof state === 'string' ? state : '';
}

const sessionOf = ({ sessionId }: VonageEvent) => (typeof sessionId === 'string' ? sessionId : '');

/** Letters, digits and dashes, because it becomes part of the name of a secret. */
function vonageProject(text: string): VonageProject {
  const [, apiKey, applicationId] = /^([A-Za-z0-9-]{1,64})(?::([A-Za-z0-9-]{1,64}))?$/.exec(text) ?? [];
  if (!apiKey) throw new Error('is neither apiKey nor apiKey:applicationId');
  return { apiKey, applicationId };
}

/** Each project needs a secret for every kind of callback, or one for all. */
function secretFaults(given: ProviderSettings<typeof settings>, isSet: IsSet): string[] {
  return (given.VONAGE_PROJECTS ?? []).flatMap((project, index) => {
    const names = new Set(Object.values(secretsOf(project).purposes).flat());
    const secrets = [...names].flatMap((name) => {
      const secret = given.developmentSecret(name);
      return secret === undefined ? [] : [{ name, secret }];
    });
    if (secrets.length === 0 && !isSet('KEY_VAULT_URL')) {
      const which = `the secret of its ${ordinal(index + 1)} element, vonage-<apiKey>`;
      return [`VONAGE_PROJECTS needs a vault with ${which}: set KEY_VAULT_URL${orSecretSetting(given)}`];
    }
    return secrets.flatMap(({ name, secret }) => {
      if (secret.trim() === '') return [blankSecret(name)];
      if (Buffer.byteLength(secret) >= MIN_SECRET_BYTES) return [];
      return [`${secretSetting(name)} is shorter than ${MIN_SECRET_BYTES} bytes: use 32 or more`];
    });
  });
}
