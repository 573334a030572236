import { vonageForgeryFamilies, incomingForgeryFamilies } from '../../local/forgeries.ts';
import type { Forgery, GenuineIncoming } from '../../local/providers/forgery.ts';
import type { GenuineVonage } from '../../local/providers/vonage/forgeries.ts';
import type { SendResult } from '../../local/inspector/contract.ts';
import { incomingCallDelivery } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { sendMany } from '../../local/send-many.ts';
import { newIncomingCall } from '../../local/providers/call-automation/service/incoming-call.ts';
import { newVonage, sampleBody } from '../../local/providers/vonage/project.ts';
import type { Vonage } from '../../local/providers/vonage/project.ts';
import { vonageKinds } from '../../shared/events/vonage.ts';
import type { VonageKind } from '../../shared/events/vonage.ts';
import { vonageSecretName } from '../../shared/secrets/vonage.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { Catalog, Sender } from './catalog.ts';
import { Misunderstood } from './options.ts';

const HERE = 'http://127.0.0.1:7071';
const TOPIC =
  '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/ringward/providers/Microsoft.Communication/communicationServices/ringward';
const INCOMING = 'IncomingCall';
/** Of the forgeries of incoming calls, those that change nothing but the shared key. */
const OF_THE_KEY = 'The shared key of Event Grid';

type Make = (baseUrl: string) => OutgoingRequest;

/**
 * Signs with what the settings of a developer hold: the secrets of Vonage, and the shared key of Event Grid. What Azure
 * signs needs its private keys, which nobody but Azure, or the fakes of `npm start`, has.
 *
 * @throws Misunderstood where they hold none
 */
export function withSecrets(settings: Settings): Sender {
  const vonage = vonageOf(settings);
  const key = sharedKeyOf(settings);
  if (!vonage && key === undefined) {
    throw new Misunderstood(
      'The settings hold no development secret that could sign: VONAGE_PROJECTS with SECRET_VONAGE_<key>, or EVENT_GRID_KEY_SECRET with its SECRET_…, in Development.',
    );
  }
  const forgeries = vonage ? vonageForgeriesOf(vonage) : [];
  const makers = new Map<string, Make>([
    ...(vonage ? vonageMakers(vonage, forgeries) : []),
    ...(key === undefined ? [] : incomingMakers(settings, key)),
  ]);
  return {
    catalog: catalogOf(forgeries, vonage !== undefined, key !== undefined),
    async send({ event, forge, to = HERE, count, rate }, onResult) {
      const name = forge ?? event ?? '';
      const make = makers.get(name);
      if (!make) throw new Misunderstood(`${name} cannot be signed with a secret alone: leave --secret out.`);
      await sendMany({ send: () => sent(name, make(to)), count, rate, onResult });
    },
  };
}

async function sent(name: string, request: OutgoingRequest): Promise<SendResult> {
  const began = performance.now();
  try {
    const { status, milliseconds } = await post(request);
    return { sent: name, status, milliseconds };
  } catch {
    return { sent: name, status: 0, milliseconds: performance.now() - began };
  }
}

type Family = readonly [name: string, members: readonly Forgery<never>[]];

function catalogOf(vonageFamilies: readonly Family[], vonage: boolean, key: boolean): Catalog {
  const families: readonly Family[] = [
    ...vonageFamilies,
    ...(key ? [[OF_THE_KEY, incomingForgeryFamilies[OF_THE_KEY] ?? []] as const] : []),
  ];
  return {
    genuine: [
      ...(vonage ? [{ group: 'Vonage', names: vonageKinds }] : []),
      ...(key ? [{ group: 'Event Grid, under the shared key', names: [INCOMING] }] : []),
    ],
    forgeries: families.map(([family, members]) => ({
      family,
      members: members.map(({ name, expected }) => ({ name, ...expected })),
    })),
  };
}

type VonageFamily = readonly [name: string, members: readonly Forgery<GenuineVonage>[]];

/** A project that names no application takes those of any, and one with one secret for all kinds takes them for any. */
function vonageForgeriesOf({ applicationId, secretOf }: Vonage): readonly VonageFamily[] {
  const isOneSecret = new Set(vonageKinds.map(secretOf)).size < vonageKinds.length;
  const isForged = ({ name }: Forgery<GenuineVonage>) =>
    !(applicationId === undefined && name.startsWith('vonage-application-')) &&
    !(isOneSecret && name.endsWith('-of-another-kind'));
  return Object.entries(vonageForgeryFamilies).map(([name, members]) => [name, members.filter(isForged)]);
}

/** Whose secret a project has for a kind is what the app would look for: that of the kind, else that of the project. */
function vonageOf(settings: Settings): Vonage | undefined {
  const [project] = settings.VONAGE_PROJECTS ?? [];
  if (!project) return undefined;
  const { apiKey } = project;
  const secretOf = (kind?: VonageKind) => settings.developmentSecret(vonageSecretName(apiKey, kind));
  if (!vonageKinds.every((kind) => secretOf(kind) ?? secretOf())) return undefined;
  return newVonage({ project, secretOf: (kind) => secretOf(kind) ?? secretOf() ?? '' });
}

const vonageMakers = (vonage: Vonage, forgeries: readonly VonageFamily[]): [string, Make][] => [
  ...vonageKinds.map((kind): [string, Make] => [
    kind,
    (baseUrl) => vonage.callback(baseUrl, kind, sampleBody(kind)),
  ]),
  ...forgeries
    .flatMap(([, members]) => members)
    .map(({ name, forge }): [string, Make] => [
      name,
      (baseUrl) => forge({ request: vonage.callback(baseUrl, 'archive', sampleBody('archive')), vonage }),
    ]),
];

/** Where Entra protects the deliveries as well, the key alone opens nothing. */
function sharedKeyOf(settings: Settings): string | undefined {
  const { EVENT_GRID_KEY_SECRET: name, EVENT_GRID_TENANT_ID: tenant } = settings;
  return name && !tenant ? settings.developmentSecret(name) : undefined;
}

function incomingMakers(settings: Settings, key: string): [string, Make][] {
  const make: Make = (baseUrl) => incomingCall(settings, key, baseUrl);
  const forged = (incomingForgeryFamilies[OF_THE_KEY] ?? []).map(({ name, forge }): [string, Make] => [
    name,
    // These change headers and query alone.
    (baseUrl) => forge({ request: make(baseUrl) } as GenuineIncoming),
  ]);
  return [[INCOMING, make], ...forged];
}

function incomingCall(settings: Settings, key: string, baseUrl: string): OutgoingRequest {
  const [topic = TOPIC] = settings.EVENT_GRID_TOPICS ?? [];
  const [subscription = 'incoming-calls'] = settings.EVENT_GRID_SUBSCRIPTIONS ?? [];
  return incomingCallDelivery({ baseUrl, topic, subscription, key, data: newIncomingCall() });
}
