import { randomBytes, randomUUID } from 'node:crypto';
import type { VonageProject } from '../../../shared/providers/vonage/token.ts';
import { routePath } from '../../../shared/delivery/endpoint.ts';
import type { FakeAzure } from '../../fakes/azure.ts';
import { hs256 } from '../../fakes/token.ts';
import { answeredBy, post } from '../../http/request.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import type { Scenario, ScenarioContext } from '../../scenarios/context.ts';
import type { FakeService, Target } from '../../target.ts';
import { objectsIn, withObjects } from '../bodies.ts';
import { forgeriesOf, forgeryFamilies } from '../forgery.ts';
import type { RehearsalProvider, SentDelivery } from '../provider.ts';
import { withBearer } from '../resign.ts';
import { ANY_BASE_URL } from '../tested-sender.ts';
import { payloadOf } from './forgeries.ts';
import type { VonageFamilies } from './forgeries.ts';
import { testedProject, testedSecret, testedVonage } from './tested.ts';
import { newProject, vonageSigner } from './project.ts';

/** An account at Vonage, whose one secret signs the callbacks of Voice and Messages. */
export type VonageAccount = ReturnType<typeof newAccount>;
export type FakeAccount = FakeService & VonageAccount;

export function newAccount(secret: string, project: VonageProject = newProject()) {
  const signer = vonageSigner(project, () => secret);
  const { header, claims } = signer;

  /** @param now seconds since the epoch */
  const signed = (request: Omit<OutgoingRequest, 'headers'>, now?: number): OutgoingRequest => ({
    ...request,
    headers: [
      ['authorization', `Bearer ${hs256(header(), claims(payloadOf(request), now), secret)}`],
      ...(request.method === 'GET' ? [] : [['content-type', 'application/json'] as const]),
    ],
  });

  return {
    ...signer,
    applicationId: project.applicationId,
    /** A callback of a path such as `vonage-voice/event`: one JSON object. */
    post: (baseUrl: string, path: string, event: object, now?: number): OutgoingRequest =>
      signed({ url: urlOf(baseUrl, path), body: JSON.stringify(event) }, now),
    /** The same as a GET, with its members as parameters. */
    get: (
      baseUrl: string,
      path: string,
      event: Readonly<Record<string, string>>,
      now?: number,
    ): OutgoingRequest => {
      const query = new URLSearchParams(event).toString();
      return signed({ method: 'GET', url: `${urlOf(baseUrl, path)}?${query}`, body: '' }, now);
    },
    /** The same delivery under a new token. A GET has no body, and a POST has one. */
    resign({ target, headers, body }: SentDelivery) {
      const url = `http://localhost${target}`;
      const payload = body.length === 0 ? payloadOf({ method: 'GET', url, body: '' }) : body;
      return { target, headers: withBearer(headers, hs256(header(), claims(payload), secret)) };
    },
  };
}

/** The event of a callback: the body of a POST, or the parameters of a GET. */
function eventIn({ target, body }: SentDelivery): Readonly<Record<string, unknown>> {
  if (body.length > 0) return objectsIn(body)[0] ?? {};
  return Object.fromEntries(new URL(target, 'http://localhost').searchParams);
}

/** The time tells two events apart, and where there is none the `uuid` of the call. */
function renewedEvent<Event extends Readonly<Record<string, unknown>>>(event: Event): Event {
  if ('timestamp' in event) return { ...event, timestamp: new Date().toISOString() };
  return 'uuid' in event ? { ...event, uuid: randomUUID() } : event;
}

const urlOf = (baseUrl: string, path: string) => `${baseUrl}${routePath(`callbacks/${path}`)}`;

/** Voice and Messages share their account, and its secret in the vault. */
const accounts = new WeakMap<FakeAzure, VonageAccount>();

/** The fake service of Voice or Messages: the account of this fake Azure. */
export async function startAccount(azure: FakeAzure): Promise<FakeAccount> {
  let account = accounts.get(azure);
  if (!account) {
    const secret = randomBytes(32).toString('base64url');
    account = newAccount(secret);
    accounts.set(azure, account);
    azure.vault.add(`vonage-${account.apiKey}-account`, secret);
  }
  return {
    ...account,
    issuers: [],
    environment: { VONAGE_ACCOUNTS: `${account.apiKey}:${account.applicationId}` },
    close: async () => {},
  };
}

/** Makes a genuine callback. */
export type AccountSample = (account: VonageAccount, baseUrl: string) => OutgoingRequest;

/** The rehearsal of a sender whose callbacks are signed with the secret of an account. */
export function accountRehearsal(sender: {
  readonly name: string;
  /** The title of its samples. */
  readonly title: string;
  readonly samples: Readonly<Record<string, AccountSample>>;
  /** The sample whose token is written in other forms. */
  readonly genuine: AccountSample;
  /** Each with the sample that its forgeries are made from. */
  readonly forgeries: readonly (readonly [AccountSample, VonageFamilies])[];
  readonly scenario: Pick<Scenario, 'title'> & {
    play(context: ScenarioContext, account: VonageAccount): Promise<void>;
  };
  /** What a callback calls its call or message, the most specific name first. */
  readonly names: readonly string[];
}): RehearsalProvider<FakeAccount> {
  const { name, title, samples, genuine, forgeries, scenario, names } = sender;
  const accountOf = ({ cloud }: Target): VonageAccount => cloud.of(provider);

  const provider: RehearsalProvider<FakeAccount> = {
    name,
    start: startAccount,

    samples: Object.entries(samples).map(([sample, make]) => ({
      group: title,
      name: sample,
      send: async (target: Target) => answeredBy(await post(make(accountOf(target), target.baseUrl))),
    })),

    forgeries: forgeries.flatMap(([make, families]) =>
      forgeryFamilies(async (target: Target) => {
        const vonage = accountOf(target);
        return { request: make(vonage, target.baseUrl), vonage };
      }, families),
    ),

    scenarios: [{ ...scenario, play: (context) => scenario.play(context, accountOf(context)) }],

    tested: [
      testedVonage(name, () => {
        const account = newAccount(testedSecret, testedProject);
        const made = (make: AccountSample) => () => make(account, ANY_BASE_URL);
        return {
          signer: account,
          samples: Object.fromEntries(Object.entries(samples).map(([sample, make]) => [sample, made(make)])),
          genuine: made(genuine),
          forgeries: forgeries.map(([make, families]) => [made(make), families] as const),
        };
      }),
    ],

    resign: async (delivery, target) => accountOf(target).resign(delivery),

    async renew({ target, body, ...delivery }) {
      if (body.length > 0) {
        const renewed = withObjects(body, renewedEvent);
        return renewed && { ...delivery, target, body: renewed };
      }
      const [path = '', query = ''] = target.split('?');
      const event = renewedEvent(Object.fromEntries(new URLSearchParams(query)));
      return { ...delivery, target: `${path}?${new URLSearchParams(event)}`, body };
    },

    typesOf(body, path) {
      const kind = path.split('/').at(-1) ?? '';
      const [event] = objectsIn(body);
      return [typeof event?.['status'] === 'string' ? `${kind}:${event['status']}` : kind];
    },

    callNames(delivery) {
      const event = eventIn(delivery);
      const found = names.map((one) => [one, event[one]]);
      return Object.fromEntries(found.filter(([, value]) => typeof value === 'string' && value !== ''));
    },

    caller(delivery) {
      const { from } = eventIn(delivery);
      return typeof from === 'string' ? from : undefined;
    },

    /** An account without an application accepts any, so those forgeries are left out. */
    withSecrets(settings) {
      const [project] = settings.VONAGE_ACCOUNTS ?? [];
      const secret = project && settings.developmentSecret(`vonage-${project.apiKey}-account`);
      if (!project || !secret) return undefined;
      const vonage = newAccount(secret, project);
      return {
        samples: Object.entries(samples).map(([sample, make]) => ({
          group: title,
          name: sample,
          make: (baseUrl: string) => make(vonage, baseUrl),
        })),
        forgeries: forgeries.flatMap(([make, families]) =>
          forgeriesOf(
            families,
            (baseUrl) => ({ request: make(vonage, baseUrl), vonage }),
            (forgery) => project.applicationId !== undefined || !forgery.includes('-application-'),
          ),
        ),
      };
    },
  };
  return provider;
}
