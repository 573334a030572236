import { hash } from 'node:crypto';
import { isJsonContentType, jsonElements } from '../../delivery/body.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../../delivery/endpoint.ts';
import { Outage } from '../../errors.ts';
import type { HandlerContext, VonageHandlers } from '../../events/handlers.ts';
import { vonageKinds, vonageStates } from '../../events/vonage.ts';
import type { VonageEvent, VonageKind } from '../../events/vonage.ts';
import type { Dependency } from '../../health.ts';
import type { Secrets } from '../../secrets/create-secrets.ts';
import { integer, list, ordinal } from '../../settings/parse.ts';
import { row, secretSetting } from '../../settings/table.ts';
import type { IsSet } from '../../settings/table.ts';
import { blankSecret, orSecretSetting } from '../../settings/validate.ts';
import { sourceAddressCheck } from '../../verification/source-address.ts';
import { bodyHash, vonageToken } from './token.ts';
import type { VonageProject, VonageSecrets } from './token.ts';
import type { ImpliedSecret, Provider, ProviderSettings } from '../provider.ts';

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

/** A shorter secret protects nothing. Vonage itself requires "no less than 32 bits". */
const MIN_SECRET_BYTES = 4;

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
  secrets: ({ VONAGE_PROJECTS: projects = [] }) => projects.map(({ apiKey }) => secretsOf(apiKey)),
  faults: secretFaults,

  create({ clock, secrets }, given, handlers) {
    const projects = given.VONAGE_PROJECTS ?? [];
    const signature = signatureSecrets(projects, secrets);
    const endpoints = vonageKinds.map((kind): Endpoint<VonageCallback> => ({
      provider: 'vonage',
      function: 'vonage-callback',
      method: 'POST',
      path: `callbacks/vonage/${kind}`,
      checks: [
        sourceAddressCheck(given, PUBLISHED_RANGES),
        vonageToken({
          projects,
          secrets: signature.of(kind),
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
 * body has no timestamp, because two callbacks may then have the same body.
 */
function deliveryOf(kind: VonageKind, handlers: VonageHandlers): Delivery<VonageCallback> {
  const ofKind = handlers[kind];
  const byState = new Map(Object.entries(typeof ofKind === 'object' ? ofKind : {}));
  return {
    concurrency: 1,
    eventTypes,
    parse({ body }, { project = '', payloadHash = '', tokenId = '' }) {
      const [event, ...others] = jsonElements(body) ?? [undefined];
      if (event === undefined) return 'not-json';
      if (typeof event !== 'object' || event === null || others.length > 0) return 'no-events';
      const { timestamp } = event as { timestamp?: unknown };
      const identity = [project, kind, payloadHash, ...(timestamp === undefined ? [tokenId] : [])];
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

const secretsOf = (apiKey: string): ImpliedSecret & { purposes: Record<VonageKind, string> } => ({
  name: `vonage-${apiKey}`,
  purposes: Object.fromEntries(vonageKinds.map((kind) => [kind, `vonage-${apiKey}-${kind}`])) as Record<
    VonageKind,
    string
  >,
  setIn: 'the Vonage dashboard',
});

/** Only configured projects have secrets here, so nothing in a request can name another. */
function signatureSecrets(projects: readonly VonageProject[], { optional }: Secrets) {
  const outage = 'vonage-secret-unavailable';
  const byProject = new Map(
    projects.map(({ apiKey }, index) => {
      const { name, purposes } = secretsOf(apiKey);
      const label = `VONAGE_PROJECTS, ${ordinal(index + 1)}`;
      const kinds = vonageKinds.map(
        (kind) => [kind, optional(purposes[kind], `${label}, ${kind}`, outage)] as const,
      );
      return [apiKey, { project: optional(name, label, outage), kinds: new Map(kinds) }];
    }),
  );
  const all = [...byProject.values()].flatMap(({ project, kinds }) => [project, ...kinds.values()]);
  const of = (kind: VonageKind): VonageSecrets =>
    async function secretsFor(apiKey, signal) {
      const project = byProject.get(apiKey);
      const ofKind = (await project?.kinds.get(kind)?.present(signal)) ?? [];
      if (ofKind.length > 0) return ofKind;
      const ofProject = (await project?.project.present(signal)) ?? [];
      // A missing secret is an error of the set-up, not of the sender.
      if (ofProject.length === 0) throw new Outage(outage);
      return ofProject;
    };
  const dependency: Dependency = {
    async warm() {
      await Promise.all(all.map((secret) => secret.warm()));
    },
    isAvailable: () => all.every((secret) => secret.isAvailable()),
  };
  return { of, dependency };
}

/** Letters, digits and dashes, because it becomes part of the name of a secret. */
function vonageProject(text: string): VonageProject {
  const [, apiKey, applicationId] = /^([A-Za-z0-9-]{1,64})(?::([A-Za-z0-9-]{1,64}))?$/.exec(text) ?? [];
  if (!apiKey) throw new Error('is neither apiKey nor apiKey:applicationId');
  return { apiKey, applicationId };
}

/** Each project needs a secret for every kind of callback, or one for all. */
function secretFaults(given: ProviderSettings<typeof settings>, isSet: IsSet): string[] {
  return (given.VONAGE_PROJECTS ?? []).flatMap(({ apiKey }, index) => {
    const { name: own, purposes } = secretsOf(apiKey);
    const secrets = [own, ...Object.values(purposes)].flatMap((name) => {
      const secret = given.developmentSecret(name);
      return secret ? [{ name, secret }] : [];
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
