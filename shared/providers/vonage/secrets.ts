import { Outage } from '../../errors.ts';
import { vonageKinds } from '../../events/vonage.ts';
import type { VonageKind } from '../../events/vonage.ts';
import type { Dependency } from '../../health.ts';
import type { Secrets } from '../../secrets/create-secrets.ts';
import type { SecretVersions } from '../../secrets/versions.ts';
import { ordinal } from '../../settings/parse.ts';
import type { Note } from '../../telemetry/delivery-log.ts';
import type { ImpliedSecret } from '../provider.ts';
import type { VonageProject, VonageSecret, VonageSecrets } from './token.ts';

type Named = { readonly name: string; readonly isShared: boolean };

/**
 * The names that the signature secret of a kind of callback can have, the most specific first. In the unified environment
 * of Vonage a secret belongs to an application and kind, in the OpenTok environment to a project and kind.
 */
function namesOf({ apiKey, applicationId }: VonageProject, kind: VonageKind): readonly Named[] {
  const owners = applicationId === undefined ? [apiKey] : [applicationId, apiKey];
  return owners.flatMap((owner) => [
    { name: `vonage-${owner}-${kind}`, isShared: false },
    { name: `vonage-${owner}`, isShared: true },
  ]);
}

/** The secrets of a project. */
export const secretsOf = (project: VonageProject): ImpliedSecret => ({
  name: `vonage-${project.apiKey}`,
  purposes: Object.fromEntries(
    vonageKinds.map((kind) => [kind, namesOf(project, kind).map(({ name }) => name)]),
  ),
  setIn: 'the Vonage dashboard',
});

const UNAVAILABLE = 'vonage-secret-unavailable';

/** Only configured projects have secrets here, so nothing in a request can name another. */
export function signatureSecrets(projects: readonly VonageProject[], { optional }: Secrets, note: Note) {
  /** By name: applications of one account share the secrets of the account. */
  const secrets = new Map<string, SecretVersions>();
  for (const [index, project] of projects.entries()) {
    for (const kind of vonageKinds) {
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
    kind: VonageKind,
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
    (kind: VonageKind): VonageSecrets =>
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
      vonageKinds.map((kind) => firstPresent(project, kind, signal).catch(() => 'unknown' as const)),
    );
    if (found.every((secret) => secret === undefined)) withoutSecret.add(project);
    else withoutSecret.delete(project);
    const sharing = vonageKinds.filter((_kind, index) => {
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

/** By its place: what stands there may be a secret in the wrong place. */
const labelOf = (index: number) => `VONAGE_PROJECTS, ${ordinal(index + 1)}`;
