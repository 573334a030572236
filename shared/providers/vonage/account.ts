import { hash } from 'node:crypto';
import { isJsonContentType, jsonObject } from '../../delivery/body.ts';
import type { Delivery, Endpoint, VerifiedEvent } from '../../delivery/endpoint.ts';
import type { HandlerContext } from '../../events/context.ts';
import { list } from '../../settings/parse.ts';
import { row } from '../../settings/table.ts';
import { bodyHash } from '../../verification/body-hash.ts';
import { sourceAddressCheck } from '../../verification/source-address.ts';
import type { Proof } from '../../verification/check.ts';
import { secretsOf, signatureSecrets } from './secrets.ts';
import type { Naming } from './secrets.ts';
import {
  maxAgeRow,
  PUBLISHED_RANGES,
  queryHash,
  UNAVAILABLE_STATUS,
  vonageProject,
  vonageToken,
} from './token.ts';
import type { Provider } from '../provider.ts';

/** The settings of Voice and of Messages: they share the account and its signature secret. */
const settings = {
  VONAGE_ACCOUNTS: row({
    meaning:
      'Your Vonage accounts for Voice and Messages, separated by commas: `apiKey`, or `apiKey:applicationId` to accept that application alone. Enables the routes of both',
    example: '12345678:aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
    parse: list(vonageProject),
  }),
  VONAGE_MAX_AGE_SECONDS: maxAgeRow,
};

const ALL = 'callbacks';

/** An account has one signature secret, for every application and every kind. */
const naming: Naming<typeof ALL> = {
  setting: 'VONAGE_ACCOUNTS',
  kinds: [ALL],
  nameOf: (apiKey) => `vonage-${apiKey}-account`,
  namesOf: ({ apiKey }) => [{ name: `vonage-${apiKey}-account`, isShared: true }],
};

/** A callback with the sender's own members. A GET has the parameters of its query. */
export type AccountCallback = VerifiedEvent & { readonly event: Readonly<Record<string, unknown>> };

type Kind = {
  /** The values of `status` that metrics name. */
  readonly states: readonly string[];
  /** The user's handler, if there is one. */
  readonly handler: ((event: never, context: HandlerContext) => unknown) | undefined;
  /** What the event calls its call or message. */
  readonly referenceOf: (event: AccountCallback['event']) => unknown;
  readonly reply?: Delivery['reply'];
};

/** A sender whose callbacks are signed with the secret of an account. */
export function accountProvider<Handlers>(sender: {
  /** Also the name of its function, of its route and of its page. */
  readonly name: string;
  readonly title: string;
  readonly methods: readonly ('GET' | 'POST')[];
  readonly waitSeconds?: number;
  readonly kinds: (handlers: Handlers) => Readonly<Record<string, Kind>>;
}): Provider<typeof settings, Handlers> {
  const { name, title, methods, waitSeconds } = sender;
  return {
    name,
    title,
    page: `${name}.md`,
    settings,
    enabledBy: ['VONAGE_ACCOUNTS'],
    routes: [{ name, path: `callbacks/${name}/{kind}`, methods, unavailableStatus: UNAVAILABLE_STATUS }],
    ...(waitSeconds !== undefined && { waitSeconds }),
    publishedRanges: PUBLISHED_RANGES,
    secrets: ({ VONAGE_ACCOUNTS: accounts = [] }) => accounts.map((account) => secretsOf(naming, account)),

    create({ clock, note, secrets }, given, handlers) {
      const projects = given.VONAGE_ACCOUNTS ?? [];
      const signature = signatureSecrets(naming, projects, secrets, note);
      const token = vonageToken({
        projects,
        secrets: signature.forKind(ALL),
        maxAgeSeconds: given.VONAGE_MAX_AGE_SECONDS,
        toleranceSeconds: given.CLOCK_TOLERANCE_SECONDS,
        clock,
      });
      const endpoints = Object.entries(sender.kinds(handlers)).flatMap(([kind, of]) =>
        methods.map((method): Endpoint<AccountCallback> => ({
          provider: name,
          function: name,
          method,
          path: `callbacks/${name}/${kind}`,
          checks: [
            sourceAddressCheck(given, PUBLISHED_RANGES),
            token,
            method === 'GET' ? queryHash : bodyHash,
          ],
          unavailableStatus: UNAVAILABLE_STATUS,
          accepts: method === 'GET' ? () => true : isJsonContentType,
          delivery: deliveryOf(kind, method, of),
        })),
      );
      return { endpoints, dependencies: { [`${name}-secrets`]: signature.dependency } };
    },
  };
}

function deliveryOf(
  kind: string,
  method: 'GET' | 'POST',
  { states, handler, referenceOf, reply }: Kind,
): Delivery<AccountCallback> {
  // The kind decides which event the handler takes, which the compiler cannot follow.
  const handle = handler as ((event: unknown, context: HandlerContext) => unknown) | undefined;
  return {
    concurrency: 1,
    eventTypes: new Set([kind, ...states.map((state) => `${kind}:${state}`)]),
    parse(request, proof) {
      const event =
        method === 'GET' ? Object.fromEntries(request.url.searchParams) : jsonObject(request.body);
      if (typeof event === 'string') return event;
      return { events: [callbackOf(kind, event as AccountCallback['event'], proof)], unusable: 0 };
    },
    ...(reply && { reply }),
    handlerFor({ event }) {
      if (!handle) return undefined;
      const name = referenceOf(event);
      const reference = typeof name === 'string' ? name : '';
      return (context) => handle(event, { ...context, reference });
    },
  };
}

/**
 * Account and hash identify a callback: the hash covers its time, or the `uuid` of its call. Vonage may sign each try anew,
 * so the token does not count, unless nothing else tells two callbacks apart. One secret signs every kind, so the kind does
 * not count either: a captured callback must not run the handlers of each.
 */
function callbackOf(
  kind: string,
  event: AccountCallback['event'],
  { project = '', payloadHash = '', tokenId = '' }: Proof,
): AccountCallback {
  const { status, timestamp, uuid } = event;
  const identity = [project, payloadHash, ...((timestamp ?? uuid) ? [] : [tokenId])];
  const key = hash('sha256', JSON.stringify(identity), 'base64url');
  return {
    type: typeof status === 'string' ? `${kind}:${status}` : kind,
    key: `vonage-account:${key}`,
    event,
  };
}
