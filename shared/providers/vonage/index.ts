import { hash } from 'node:crypto';
import { isJsonContentType, jsonObject } from '../../delivery/body.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../../delivery/endpoint.ts';
import type { HandlerContext, VonageHandlers } from '../../events/handlers.ts';
import { vonageKinds, vonageStates } from '../../events/vonage.ts';
import type { VonageEvent, VonageKind } from '../../events/vonage.ts';
import { list } from '../../settings/parse.ts';
import { row } from '../../settings/table.ts';
import { bodyHash } from '../../verification/body-hash.ts';
import { sourceAddressCheck } from '../../verification/source-address.ts';
import { secretsOf, signatureSecrets } from './secrets.ts';
import type { Naming } from './secrets.ts';
import { maxAgeRow, PUBLISHED_RANGES, UNAVAILABLE_STATUS, vonageProject, vonageToken } from './token.ts';
import type { Provider } from '../provider.ts';

const settings = {
  VONAGE_PROJECTS: row({
    meaning:
      'Your Vonage projects, separated by commas: `apiKey`, or `apiKey:applicationId` to hold the application as well. Enables the Vonage routes',
    example: '12345678:aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
    parse: list(vonageProject),
  }),
  VONAGE_MAX_AGE_SECONDS: maxAgeRow,
};

/**
 * In the unified environment of Vonage a secret belongs to an application and kind, in the OpenTok environment to a project
 * and kind.
 */
export const videoNaming: Naming<VonageKind> = {
  setting: 'VONAGE_PROJECTS',
  kinds: vonageKinds,
  nameOf: (apiKey) => `vonage-${apiKey}`,
  namesOf({ apiKey, applicationId }, kind) {
    const owners = applicationId === undefined ? [apiKey] : [applicationId, apiKey];
    return owners.flatMap((owner) => [
      { name: `vonage-${owner}-${kind}`, isShared: false },
      { name: `vonage-${owner}`, isShared: true },
    ]);
  },
};

/** Vonage Video callbacks: six kinds, each with a signature secret of its own or one for the project. */
export const vonage: Provider<typeof settings, { readonly vonage?: VonageHandlers }> = {
  name: 'vonage',
  title: 'Vonage Video',
  page: 'vonage.md',
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
  secrets: ({ VONAGE_PROJECTS: projects = [] }) => projects.map((project) => secretsOf(videoNaming, project)),

  create({ clock, note, secrets }, given, handlers) {
    const projects = given.VONAGE_PROJECTS ?? [];
    const signature = signatureSecrets(videoNaming, projects, secrets, note);
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
      unavailableStatus: UNAVAILABLE_STATUS,
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
      const event = jsonObject(body);
      if (typeof event === 'string') return event;
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
