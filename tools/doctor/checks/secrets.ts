import { providers } from '../../../shared/providers/index.ts';
import type { ImpliedSecret } from '../../../shared/providers/provider.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import type { Vault } from '../../../shared/secrets/key-vault.ts';
import { settingsTable } from '../../../shared/settings/settings.ts';
import { namedSecrets } from '../../../shared/settings/validate.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { judgeChosenSecret, judgeConnectionString, judgeKey, NEW_KEY } from './secret-value.ts';
import { askVault } from './vault-answer.ts';
import type { Held } from './vault-answer.ts';

/** Every secret that the settings name or imply must exist, be enabled, be in its time and be long enough. */
export async function checkSecrets(context: Context): Promise<Finding[]> {
  const { settings } = context;
  const url = settings.KEY_VAULT_URL;
  const vault = canAsk(context, 'KEY_VAULT_URL', url)
    ? keyVault(url, context.signIn, context.clock)
    : undefined;
  // Two senders can share a secret.
  const implied = new Map(
    providers.flatMap((provider) => provider.secrets?.(settings) ?? []).map((one) => [one.name, one]),
  );
  const findings = await Promise.all([
    ...namedSecrets(settings, settingsTable).map((secret) => checkNamed(context, vault, secret)),
    ...[...implied.values()].map((secret) => checkImplied(context, vault, secret)),
  ]);
  return oneForAll(findings.flat());
}

async function checkNamed(
  context: Context,
  vault: Vault | undefined,
  { setting, name }: { setting: string; name: string },
): Promise<Finding[]> {
  const held = await heldBy(context, vault, name);
  if (held === undefined) return [];
  if (held === 'absent') return [absent(context, name)];
  // The only secret whose form Azure determines. Every other one is a key that the operator makes.
  const isConnectionString = setting === 'ACS_CONNECTION_STRING_SECRET';
  return [isConnectionString ? judgeConnectionString(context.settings.ACS_ENDPOINT)(held) : judgeKey(held)];
}

async function heldBy(
  { settings, clock }: Context,
  vault: Vault | undefined,
  name: string,
): Promise<Held | 'absent' | undefined> {
  const check = `secret ${name}`;
  const inSettings = settings.developmentSecret(name);
  if (inSettings) return { check, name, value: inSettings, versions: 'from the settings' };
  return vault && askVault(vault, name, clock);
}

/** @param setIn where its owner sets it, unless the operator makes it */
function absent({ settings }: Context, name: string, setIn?: string): Finding {
  const vault = new URL(settings.KEY_VAULT_URL ?? 'https://<vault>').hostname.split('.')[0];
  // A value on a command line is for everybody on the machine to read.
  const set = `az keyvault secret set --vault-name ${vault} --name ${name} --file /dev/stdin --encoding utf-8 --output none`;
  const mend =
    setIn === undefined
      ? `${NEW_KEY} | ${set}`
      : `${set}, then paste the signature secret of ${setIn}, press Enter and Ctrl+D`;
  return fault(`secret ${name}`, 'there is no such secret in the vault', mend);
}

/** One secret for each purpose, or one for the purposes that have none of their own. */
async function checkImplied(
  context: Context,
  vault: Vault | undefined,
  { name, purposes, setIn, mayBeAbsent }: ImpliedSecret,
): Promise<Finding[]> {
  const names = [...new Set(Object.values(purposes).flat())];
  const held = new Map(
    await Promise.all(names.map(async (one) => [one, await heldBy(context, vault, one)] as const)),
  );
  const isAbsent = (one: string) => held.get(one) === 'absent';
  const present = [...held.values()].filter((one) => one !== undefined && one !== 'absent');
  const findings = [...present.map(judgeChosenSecret(setIn)), ...severalKinds(purposes, present)];
  const without = Object.entries(purposes).filter(([, ofPurpose]) => ofPurpose.every(isAbsent));
  if (without.length === 0 || mayBeAbsent) return oneWhereWell(name, findings);
  if (names.length === 1) return [absent(context, name, setIn)];
  const missing = `no secret for ${without.map(([purpose]) => purpose).join(', ')}`;
  const mend = `put the signature secret of ${setIn} into the vault, one for each kind, such as ${without[0]?.[1][0]}`;
  return [
    ...findings,
    present.length === 0
      ? fault(`secret ${name}`, missing, mend)
      : warning(`secret ${name}`, missing, `${mend}; a kind that is never sent needs none`),
  ];
}

/** Each secret that serves several kinds of callback, about which the app warns at each start as well. */
function severalKinds(purposes: ImpliedSecret['purposes'], present: readonly Held[]): Finding[] {
  const mend =
    'give each kind a secret of its own: then a captured callback of one kind is refused as another';
  return present.flatMap(({ check, name }) => {
    const isFirst = (names: readonly string[]) =>
      names.find((one) => present.some((it) => it.name === one)) === name;
    const served = Object.keys(purposes).filter((purpose) => isFirst(purposes[purpose] ?? []));
    return served.length > 1 ? warning(check, `serves ${served.join(', ')}`, mend) : [];
  });
}

/** Several secrets without a fault take one line. */
function oneWhereWell(name: string, findings: readonly Finding[]): Finding[] {
  if (findings.length < 2 || findings.some(({ outcome }) => outcome !== 'well')) return [...findings];
  return [well(`secrets ${name}`, `${findings.length} are there, for every kind of callback`)];
}

/** A vault that does not answer is one fault, not one for every secret. */
function oneForAll(findings: readonly Finding[]): Finding[] {
  const [first] = findings;
  const isOut = findings.length > 1 && findings.every(({ found }) => found === first?.found);
  if (!isOut || !first?.found.startsWith('the vault ')) return [...findings];
  return [{ ...first, check: 'vault' }];
}
