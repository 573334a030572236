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
function projects(
  secrets: Readonly<Record<string, string>>,
  unavailable: readonly string[] = [],
  named = 'one,two',
) {
  const notes: unknown[] = [];
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
  const secretsOfTest = { named: () => undefined, required: optional, optional };
  const { check, dependency } = vonageWith({
    projects: named,
    secrets: secretsOfTest,
    clock,
    note: (...note) => void notes.push(note),
  });

  /** The verdict on a callback of a project that is signed with a secret. */
  function verdict(project: string, kind: VonageKind, secret: string): Promise<string> {
    const body = sampleBody(kind);
    const [apiKey = '', applicationId] = project.split(':');
    const sender = newVonage({ secretOf: () => secret, project: { apiKey, applicationId } });
    const token = hs256(sender.header(), sender.claims(body, clock.now()), secret);
    return verdictOf(check(kind), received({ headers: { authorization: `Bearer ${token}` }, body }));
  }
  return { dependency, labels, warmed, notes, verdict };
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

const APPLICATIONS = '12345678:one,12345678:two';

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['of the application and kind', { 'vonage-one-sip': 's' }, 's'],
  ['of the application', { 'vonage-one': 's' }, 's'],
  ['of the account and kind', { 'vonage-12345678-sip': 's' }, 's'],
  ['of the account', { 'vonage-12345678': 's' }, 's'],
])('the most specific secret that exists counts: that %s', async (_whose, secrets, secret) => {
  const others = {
    'vonage-one-sip': '1',
    'vonage-one': '2',
    'vonage-12345678-sip': '3',
    'vonage-12345678': '4',
  };
  const names = Object.keys(others);
  const [name = ''] = Object.keys(secrets);
  const lessSpecific = Object.fromEntries(Object.entries(others).slice(names.indexOf(name) + 1));
  const { verdict } = projects({ ...lessSpecific, ...secrets }, [], APPLICATIONS);
  expect(await verdict('12345678:one', 'sip', secret)).toBe('accepted');
  for (const less of Object.values(lessSpecific)) {
    expect(await verdict('12345678:one', 'sip', less)).toBe('token-signature');
  }
});

test('two applications of one account do not open each other’s door', async () => {
  const { verdict } = projects({ 'vonage-one': 'of one', 'vonage-two': 'of two' }, [], APPLICATIONS);
  expect(await verdict('12345678:one', 'sip', 'of one')).toBe('accepted');
  expect(await verdict('12345678:two', 'sip', 'of two')).toBe('accepted');
  expect(await verdict('12345678:one', 'sip', 'of two')).toBe('token-signature');
  expect(await verdict('12345678:two', 'sip', 'of one')).toBe('token-signature');
  expect(await verdict('12345678:three', 'sip', 'of one')).toBe('token-project');
  expect(await verdict('12345678', 'sip', 'of one')).toBe('token-project');
});

test.each(['12345678,12345678:one', '12345678:one,12345678'])(
  'a project with an application goes before the account as a whole: %s',
  async (named) => {
    const { verdict } = projects({ 'vonage-one': 'of one', 'vonage-12345678': 'of all' }, [], named);
    expect(await verdict('12345678:one', 'sip', 'of one')).toBe('accepted');
    expect(await verdict('12345678:one', 'sip', 'of all')).toBe('token-signature');
    expect(await verdict('12345678:other', 'sip', 'of all')).toBe('accepted');
  },
);

test('the start warns once of each project with one secret for several kinds', async () => {
  const { dependency, notes } = projects({ 'vonage-one': 'p', 'vonage-one-sip': 's', 'vonage-two-sip': 't' });
  await dependency.warm();
  await dependency.warm();
  expect(notes.slice(1)).toEqual([
    [
      'warn',
      'vonage-secret-for-several-kinds',
      expect.objectContaining({
        project: 'VONAGE_PROJECTS, 1st',
        kinds: vonageKinds.filter((kind) => kind !== 'sip').join(', '),
      }),
    ],
  ]);
});

test('a project without any secret is not available once the start has looked', async () => {
  const { dependency } = projects({ 'vonage-one': 'p' });
  await dependency.warm();
  expect(dependency.isAvailable()).toBe(false);
  const complete = projects({ 'vonage-one': 'p', 'vonage-two-sip': 't' });
  await complete.dependency.warm();
  expect(complete.dependency.isAvailable()).toBe(true);
});
