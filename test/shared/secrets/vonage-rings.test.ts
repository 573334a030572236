import { expect, test } from 'vitest';
import { vonageKinds } from '../../../shared/events/vonage.ts';
import { Outage } from '../../../shared/errors.ts';
import { settingsSecret } from '../../../shared/secrets/versions.ts';
import type { SecretVersions } from '../../../shared/secrets/versions.ts';
import { vonageRings } from '../../../shared/secrets/vonage.ts';

const { signal } = new AbortController();

/** Two projects, with secrets under some names, and what each ring was made for. */
function projects(secrets: Readonly<Record<string, string>>, out: readonly string[] = []) {
  const purposes: Record<string, string> = {};
  const warmed: string[] = [];
  const rings = vonageRings([{ apiKey: 'one' }, { apiKey: 'two' }], {
    named: () => undefined,
    optional(name, purpose, outage): SecretVersions {
      expect(outage).toBe('vonage-secret-unavailable');
      purposes[name] = purpose;
      const secret = secrets[name];
      return {
        ...settingsSecret(secret ?? ''),
        ...(secret === undefined && { present: async () => [] }),
        warm: async () => void warmed.push(name),
        isAvailable: () => !out.includes(name),
      };
    },
  });
  const secretOf = async (apiKey: string, kind: (typeof vonageKinds)[number]) =>
    (await rings.secretsOf(kind)(apiKey, signal)).map(({ secret }) => Buffer.from(secret).toString());
  return { rings, purposes, warmed, secretOf };
}

const NAMES = ['one', 'two'].flatMap((apiKey) => [
  `vonage-${apiKey}`,
  ...vonageKinds.map((kind) => `vonage-${apiKey}-${kind}`),
]);

test('each project has a secret of its own and one for each kind, known by which project it is and not by its name', () => {
  const { purposes } = projects({});
  expect(Object.keys(purposes).sort()).toEqual(NAMES.toSorted());
  expect(purposes['vonage-one']).toBe('VONAGE_PROJECTS, 1st');
  expect(purposes['vonage-two-sip']).toBe('VONAGE_PROJECTS, 2nd, sip');
});

test('all of them are fetched ahead', async () => {
  const { rings, warmed } = projects({});
  await rings.warm();
  expect(warmed.toSorted()).toEqual(NAMES.toSorted());
});

test('one that cannot be had is enough to be out', () => {
  expect(projects({}).rings.isAvailable()).toBe(true);
  for (const name of NAMES) expect(projects({}, [name]).rings.isAvailable()).toBe(false);
});

test('the secret of the kind goes before that of the project, and neither is another project’s', async () => {
  const { secretOf } = projects({ 'vonage-one': 'p', 'vonage-one-sip': 's', 'vonage-two-sip': 't' });
  expect([
    await secretOf('one', 'sip'),
    await secretOf('one', 'archive'),
    await secretOf('two', 'sip'),
  ]).toEqual([['s'], ['p'], ['t']]);
  await expect(secretOf('two', 'archive')).rejects.toThrow(Outage);
  await expect(secretOf('three', 'sip')).rejects.toThrow(Outage);
});
