import { Outage } from '../../errors.ts';
import type { Dependency } from '../../health.ts';
import type { Secrets } from '../../secrets/create-secrets.ts';
import type { SecretVersions } from '../../secrets/versions.ts';
import { ordinal } from '../../settings/parse.ts';
import type { Note } from '../../telemetry/delivery-log.ts';
import type { ImpliedSecret } from '../provider.ts';
import type { VonageProject, VonageSecret, VonageSecrets } from './token.ts';

/** How the signature secrets of a sender are named. */
export type Naming<Kind extends string> = {
  /** The setting that lists the projects. */
  readonly setting: string;
  readonly kinds: readonly Kind[];
  /** The name of the secret for all kinds of a project. */
  readonly nameOf: (apiKey: string) => string;
  /** The names that the secret of a kind can have, the most specific first. */
  readonly namesOf: (project: VonageProject, kind: Kind) => readonly Named[];
};
type Named = { readonly name: string; readonly isShared: boolean };

/** The secrets of a project. */
export function secretsOf<Kind extends string>(
  { kinds, nameOf, namesOf }: Naming<Kind>,
  project: VonageProject,
): ImpliedSecret {
  const applicationId = project.applicationId === undefined ? undefined : '<applicationId>';
  const forms = namesOf({ apiKey: '<apiKey>', applicationId }, '<kind>' as Kind);
  return {
    name: nameOf(project.apiKey),
    forms: forms.map(({ name }) => name),
    purposes: Object.fromEntries(kinds.map((kind) => [kind, namesOf(project, kind).map(({ name }) => name)])),
    setIn: 'the Vonage dashboard',
  };
}

const UNAVAILABLE = 'vonage-secret-unavailable';

/** Only configured projects have secrets here, so nothing in a request can name another. */
export function signatureSecrets<Kind extends string>(
  { setting, kinds, namesOf }: Naming<Kind>,
  projects: readonly VonageProject[],
  { optional }: Secrets,
  note: Note,
) {
  /** By its place: what stands there may be a secret in the wrong place. */
  const labelOf = (index: number) => `${setting}, ${ordinal(index + 1)}`;
  /** By name: applications of one account share the secrets of the account. */
  const secrets = new Map<string, SecretVersions>();
  for (const [index, project] of projects.entries()) {
    for (const kind of kinds) {
      for (const { name, isShared } of namesOf(project, kind)) {
        const label = labelOf(index) + (isShared ? '' : `, ${kind}`);
        if (!secrets.has(name)) secrets.set(name, optional(name, label, UNAVAILABLE));
      }
    }
  }
  /** Projects without any secret. A missing secret is an error of the set-up, not of the sender. */
  const withoutSecret = new Set<VonageProject>();
  const warned = new Set<VonageProject>();

  async function firstPresent(
    project: VonageProject,
    kind: Kind,
    signal: AbortSignal,
  ): Promise<VonageSecret | undefined> {
    for (const { name, isShared } of namesOf(project, kind)) {
      const secret = secrets.get(name);
      const versions = (await secret?.present(signal)) ?? [];
      if (secret && versions.length > 0) return { versions, isShared, isComplete: secret.isComplete() };
    }
    return undefined;
  }

  const forKind =
    (kind: Kind): VonageSecrets =>
    async (project, signal) => {
      const secret = await firstPresent(project, kind, signal);
      if (secret) return secret;
      // For the health report alone: the request does not wait for it.
      void checkSetUp(project);
      throw new Outage(UNAVAILABLE);
    };

  /** Finds out which projects have no secret at all, and warns of those with one secret for several kinds. */
  async function checkSetUp(project: VonageProject): Promise<void> {
    const { signal } = new AbortController();
    const found = await Promise.all(
      kinds.map((kind) => firstPresent(project, kind, signal).catch(() => 'unknown' as const)),
    );
    if (found.every((secret) => secret === undefined)) withoutSecret.add(project);
    else withoutSecret.delete(project);
    const sharing = kinds.filter((_kind, index) => {
      const secret = found[index];
      return typeof secret === 'object' && secret.isShared;
    });
    if (sharing.length < 2 || warned.has(project)) return;
    warned.add(project);
    note('warn', 'vonage-secret-for-several-kinds', {
      project: labelOf(projects.indexOf(project)),
      kinds: sharing.join(', '),
      advice:
        'give each kind a secret of its own: then a captured callback of one kind is refused as another',
    });
  }

  const dependency: Dependency = {
    async warm() {
      await Promise.all([...secrets.values()].map((secret) => secret.warm()));
      await Promise.all(projects.map(checkSetUp));
    },
    isAvailable: () =>
      withoutSecret.size === 0 && [...secrets.values()].every((secret) => secret.isAvailable()),
  };
  return { forKind, dependency };
}
