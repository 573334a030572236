import { expect, test } from 'vitest';
import { hs256 } from '../../../local/fakes/token.ts';
import { newVonage, sampleBody } from '../../../local/providers/vonage/project.ts';
import { vonageKinds } from '../../../shared/events/vonage.ts';
import type { VonageKind } from '../../../shared/events/vonage.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import type { SecretVersions } from '../../../shared/secrets/versions.ts';
import { manualClock } from '../../clock.ts';
import { received, verdictOf } from '../../support/verdict.ts';
import { vonageWith } from '../../support/vonage.ts';

/** Two projects, with secrets under some names, and the label that the log has for each secret. */
function projects(secrets: Readonly<Record<string, string>>, unavailable: readonly string[] = []) {
  const labels: Record<string, string> = {};
  const warmed: string[] = [];
  const clock = manualClock();
  function optional(name: string, label: string, outage: string): SecretVersions {
    expect(outage).toBe('vonage-secret-unavailable');
    labels[name] = label;
    const secret = secrets[name];
    return {
      ...settingsSecret(secret ?? 'absent'),
      ...(secret === undefined && { present: async () => [] }),
      warm: async () => void warmed.push(name),
      isAvailable: () => !unavailable.includes(name),
    };
  }
  const secretsOfTest = { named: () => undefined, optional };
  const { check, dependency } = vonageWith({ projects: 'one,two', secrets: secretsOfTest, clock });

  /** The verdict on a callback of a project that is signed with a secret. */
  function verdict(apiKey: string, kind: VonageKind, secret: string): Promise<string> {
    const body = sampleBody(kind);
    const sender = newVonage({ secretOf: () => secret, project: { apiKey } });
    const token = hs256(sender.header(), sender.claims(body, clock.now()), secret);
    return verdictOf(check(kind), received({ headers: { authorization: `Bearer ${token}` }, body }));
  }
  return { dependency, labels, warmed, verdict };
}

const NAMES = ['one', 'two'].flatMap((apiKey) => [
  `vonage-${apiKey}`,
  ...vonageKinds.map((kind) => `vonage-${apiKey}-${kind}`),
]);

test('each project has a secret of its own and one for each kind, which the log calls by the position of the project', () => {
  const { labels } = projects({});
  expect(Object.keys(labels).sort()).toEqual(NAMES.toSorted());
  expect(labels['vonage-one']).toBe('VONAGE_PROJECTS, 1st');
  expect(labels['vonage-two-sip']).toBe('VONAGE_PROJECTS, 2nd, sip');
});

test('all of them are fetched ahead', async () => {
  const { dependency, warmed } = projects({});
  await dependency.warm();
  expect(warmed.toSorted()).toEqual(NAMES.toSorted());
});

test('one that is not available is enough to be unavailable', () => {
  expect(projects({}).dependency.isAvailable()).toBe(true);
  for (const name of NAMES) expect(projects({}, [name]).dependency.isAvailable()).toBe(false);
});

test('the secret of the kind goes before that of the project, and neither is another project’s', async () => {
  const { verdict } = projects({ 'vonage-one': 'p', 'vonage-one-sip': 's', 'vonage-two-sip': 't' });
  const accepted: string[] = [];
  for (const apiKey of ['one', 'two']) {
    for (const kind of ['sip', 'archive'] as const) {
      for (const secret of ['p', 's', 't']) {
        const found = await verdict(apiKey, kind, secret);
        if (found === 'accepted') accepted.push(`${apiKey} ${kind} ${secret}`);
        else
          expect(found).toBe(
            `${apiKey} ${kind}` === 'two archive' ? 'vonage-secret-unavailable' : 'token-signature',
          );
      }
    }
  }
  expect(accepted).toEqual(['one sip s', 'one archive p', 'two sip t']);
  expect(await verdict('three', 'sip', 'p')).toBe('token-project');
});
