import { randomBytes } from 'node:crypto';
import { vonageKinds, vonageStates } from '../../../shared/events/vonage.ts';
import type { VonageKind } from '../../../shared/events/vonage.ts';
import { vonage as sharedProvider } from '../../../shared/providers/vonage/index.ts';
import { secretSetting } from '../../../shared/settings/table.ts';
import { answeredBy, post } from '../../http/request.ts';
import type { OutgoingRequest } from '../../http/request.ts';
import type { FakeService, Target } from '../../target.ts';
import { objectsIn, withObjects } from '../bodies.ts';
import { forgeriesOf, forgeryFamilies } from '../forgery.ts';
import type { RehearsalProvider } from '../provider.ts';
import { withBearer } from '../resign.ts';
import { ANY_BASE_URL } from '../tested-sender.ts';
import { callbackForgeries } from './forgeries.ts';
import type { GenuineVonage } from './forgeries.ts';
import { newVonage, sampleBody, stateBody } from './project.ts';
import type { VonageSender } from './project.ts';
import { playCallbacks } from './scenarios.ts';
import { testedVonage, testedSecret, testedProject } from './tested.ts';

export type FakeVonage = FakeService & VonageSender;

/** Vonage Video: callbacks of six kinds. */
export const vonage: RehearsalProvider<FakeVonage> = {
  name: 'vonage',

  async start({ vault }) {
    const secrets = new Map(vonageKinds.map((kind) => [kind, randomBytes(32).toString('base64url')]));
    const sender = newVonage({ secretOf: (kind) => secrets.get(kind) ?? '' });
    for (const [kind, secret] of secrets) vault.add(`vonage-${sender.apiKey}-${kind}`, secret);
    return {
      ...sender,
      issuers: [],
      environment: { VONAGE_PROJECTS: `${sender.apiKey}:${sender.applicationId}` },
      close: async () => {},
    };
  },

  samples: vonageKinds.flatMap(samplesOf).map(({ name, make }) => ({
    group: 'Vonage',
    name,
    send: async (target: Target) => answeredBy(await post(make(senderOf(target), target.baseUrl))),
  })),

  forgeries: forgeryFamilies(async (target) => {
    const sender = senderOf(target);
    return { request: callbackOf('archive', sender, target.baseUrl), vonage: sender };
  }, callbackForgeries),

  scenarios: [
    {
      title: 'Vonage calls back, once for each kind',
      play: (context) => playCallbacks(context, senderOf(context)),
    },
  ],

  async resign({ target: path, headers, body }, target) {
    const kind = vonageKinds.find((one) => path.split('?')[0]?.endsWith(`/${one}`));
    return kind && { target: path, headers: withBearer(headers, senderOf(target).token(kind, body)) };
  },

  /** A body without a timestamp is new under each token. */
  async renew({ body, ...delivery }) {
    const renewed = withObjects(body, (event) =>
      'timestamp' in event ? { ...event, timestamp: Date.now() } : event,
    );
    return renewed && { ...delivery, body: renewed };
  },

  typesOf(body, path) {
    const kind = path.split('/').at(-1) ?? '';
    return objectsIn(body).map(({ event, status }) => {
      const state = [event, status].find((one) => typeof one === 'string' && one !== kind);
      return state === undefined ? kind : `${kind}:${String(state)}`;
    });
  },

  tested: [
    testedVonage('vonage', () => {
      const sender = newVonage({ project: testedProject, secretOf: () => testedSecret });
      const archive = () => callbackOf('archive', sender, ANY_BASE_URL);
      return {
        signer: sender,
        samples: Object.fromEntries(
          vonageKinds.map((kind) => [kind, () => callbackOf(kind, sender, ANY_BASE_URL)]),
        ),
        genuine: archive,
        forgeries: [[archive, callbackForgeries]],
      };
    }),
  ],

  withSecrets(settings) {
    const [project] = settings.VONAGE_PROJECTS ?? [];
    const [names] = sharedProvider.secrets?.(settings) ?? [];
    if (!project || !names) return undefined;
    // As the app does: of the names that the secret of a kind can have, the first that exists.
    const secretOf = (kind: VonageKind) =>
      names.purposes[kind]?.map(settings.developmentSecret).find((secret) => secret !== undefined) ?? '';
    const signed = vonageKinds.filter(secretOf);
    const kind = signed.includes('archive') ? 'archive' : signed[0];
    if (!kind) return undefined;
    const sender = newVonage({ project, secretOf });
    const another = signed.find((one) => secretOf(one) !== secretOf(kind));
    // A project without an application accepts any. A secret that kinds share is valid for each of them.
    const isRefused = (name: string) =>
      !(project.applicationId === undefined && name.startsWith('vonage-application-')) &&
      !(another === undefined && name.endsWith('-of-another-kind'));
    return {
      samples: signed.flatMap(samplesOf).map(({ name, make }) => ({
        group: 'Vonage',
        name,
        make: (baseUrl: string) => make(sender, baseUrl),
      })),
      withoutSecret: vonageKinds
        .filter((one) => !secretOf(one))
        .map((one) => ({ name: one, setting: secretSetting(names.purposes[one]?.[0] ?? names.name) })),
      forgeries: forgeriesOf(
        callbackForgeries,
        (baseUrl): GenuineVonage => ({
          request: callbackOf(kind, sender, baseUrl),
          vonage: sender,
          kinds: [kind, another ?? kind],
        }),
        isRefused,
      ),
    };
  },
};

const senderOf = ({ cloud }: Target): VonageSender => cloud.of(vonage);

export const callbackOf = (kind: VonageKind, sender: VonageSender, baseUrl: string): OutgoingRequest =>
  sender.callback(baseUrl, kind, sampleBody(kind));

/** One callback of a kind under its name, and one for each state, such as `archive:stopped`. */
function samplesOf(kind: VonageKind) {
  const inState = (state: string) => ({
    name: `${kind}:${state}`,
    make: (sender: VonageSender, baseUrl: string) => sender.callback(baseUrl, kind, stateBody(kind, state)),
  });
  return [
    { name: kind, make: (sender: VonageSender, baseUrl: string) => callbackOf(kind, sender, baseUrl) },
    ...vonageStates[kind].map(inState),
  ];
}
