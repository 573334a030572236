import { ordinal } from '../settings/parse.ts';
import type { Secrets } from './create-secrets.ts';
import { Outage } from '../errors.ts';
import { vonageKinds } from '../events/vonage.ts';
import type { VonageKind } from '../events/vonage.ts';
import type { VonageProject, VonageSecrets } from '../verification/vonage-token.ts';

/** The signature secrets of every configured project: one for each kind of callback, or one for the project. */
export type VonageRings = {
  readonly secretsOf: (kind: VonageKind) => VonageSecrets;
  /** Fetches ahead of the first callback. Never rejects. */
  readonly warm: () => Promise<void>;
  /** Whether all of them are available, as far as this instance knows; asks nobody. */
  readonly isAvailable: () => boolean;
};

export const vonageSecretName = (apiKey: string, kind?: VonageKind) =>
  kind ? `vonage-${apiKey}-${kind}` : `vonage-${apiKey}`;

/** The rings are made here, for the configured projects, so that nothing in a request can name another. */
export function vonageRings(projects: readonly VonageProject[], { optional }: Secrets): VonageRings {
  const outage = 'vonage-secret-unavailable';
  const createSecrets = (apiKey: string, purpose: string) => ({
    project: optional(vonageSecretName(apiKey), purpose, outage),
    kinds: new Map(
      vonageKinds.map((kind) => [
        kind,
        optional(vonageSecretName(apiKey, kind), `${purpose}, ${kind}`, outage),
      ]),
    ),
  });
  const rings = new Map(
    projects.map(({ apiKey }, index) => [
      apiKey,
      createSecrets(apiKey, `VONAGE_PROJECTS, ${ordinal(index + 1)}`),
    ]),
  );
  const all = [...rings.values()].flatMap(({ project, kinds }) => [project, ...kinds.values()]);
  return {
    secretsOf: (kind) => async (apiKey, signal) => {
      const project = rings.get(apiKey);
      const ofKind = (await project?.kinds.get(kind)?.present(signal)) ?? [];
      if (ofKind.length > 0) return ofKind;
      const ofProject = (await project?.project.present(signal)) ?? [];
      // Whoever set the project up forgot its secret, which is no fault of the sender's.
      if (ofProject.length === 0) throw new Outage(outage);
      return ofProject;
    },
    async warm() {
      await Promise.all(all.map((ring) => ring.warm()));
    },
    isAvailable: () => all.every((ring) => ring.isAvailable()),
  };
}
