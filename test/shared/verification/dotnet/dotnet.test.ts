import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Outage, Rejection } from '../../../../shared/errors.ts';
import { keyFetcher } from '../../../../shared/verification/discovery.ts';
import { bearerToken, verifyRs256Token } from '../../../../shared/verification/jwt.ts';
import { keySet } from '../../../../shared/verification/key-set.ts';
import { manualClock } from '../../../clock.ts';
import forms from './forms.json' with { type: 'json' };

// Ringward beside the token library of .NET, whose verdicts are data. docs/tokens.md lists every difference.

type Form = (typeof forms.cases)[number];
const keySets: Readonly<Record<string, string>> = forms.keySets;

/** `accepted`, or Ringward's reason, with the rules of a callback and the key set as an issuer serves it. */
async function verdictOn({ header, keySet: name }: Form): Promise<string> {
  const { issuer, audience, now, toleranceSeconds } = forms;
  const clock = manualClock(now);
  const openIdConfigurationUrl = `${issuer}/configuration`;
  const serve = async (url: unknown) =>
    new Response(
      url === openIdConfigurationUrl
        ? JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })
        : (keySets[name] ?? ''),
    );
  const keys = keySet({
    name: issuer,
    fetchKeys: keyFetcher({ issuer, openIdConfigurationUrl }, clock, serve),
    maxStaleSeconds: 86_400,
    clock,
    random: () => 0,
    note: () => {},
  });
  const rules = { issuers: [issuer], audiences: [audience], lifeSeconds: 300, toleranceSeconds };
  try {
    const token = bearerToken({ get: () => header }, ['authorization']);
    await verifyRs256Token(token, rules, keys, clock, new AbortController().signal);
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof Rejection || thrown instanceof Outage) return thrown.reason;
    throw thrown;
  }
}

/** The forms in a table of docs/tokens.md, each with the second column of its row. */
async function listed(heading: string): Promise<Readonly<Record<string, string>>> {
  const page = await readFile('docs/tokens.md', 'utf8');
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| (?!form|---)/.test(line));
  const found = rows.flatMap((row) => {
    const [names = '', second = ''] = row.slice(2).replaceAll('`', '').split(' | ');
    return names.split('; ').map((name) => [name, second] as const);
  });
  expect(new Set(found.map(([name]) => name)).size).toBe(found.length);
  return Object.fromEntries(found);
}

const isAccepted = ({ dotnet }: Form) => dotnet === 'accepted';

/** The forms that one of the two accepts alone, each with the other's verdict. */
async function acceptedBy(who: '.NET' | 'Ringward'): Promise<Readonly<Record<string, string>>> {
  const differences: Record<string, string> = {};
  for (const form of forms.cases) {
    const ours = await verdictOn(form);
    if (who === '.NET' && isAccepted(form) && ours !== 'accepted') differences[form.form] = ours;
    if (who === 'Ringward' && !isAccepted(form) && ours === 'accepted') differences[form.form] = form.dotnet;
  }
  return differences;
}

test('the table has some hundred forms, each once', () => {
  const names = forms.cases.map(({ form }) => form);
  expect(names.length).toBeGreaterThan(200);
  expect(new Set(names).size).toBe(names.length);
});

test('every form that .NET accepts is accepted, or docs/tokens.md has it with its reason', async () => {
  expect(await acceptedBy('.NET')).toEqual(await listed('What .NET accepts and Ringward refuses'));
});

test('every form that .NET refuses is refused, or docs/tokens.md has it', async () => {
  const accepted = Object.keys(await acceptedBy('Ringward'));
  expect(accepted.sort()).toEqual(Object.keys(await listed('What Ringward accepts and .NET refuses')).sort());
});
