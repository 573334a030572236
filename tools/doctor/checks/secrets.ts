import { vonageKinds } from '../../../shared/events/vonage.ts';
import { keyVault } from '../../../shared/secrets/key-vault.ts';
import type { SecretSetting } from '../../../shared/secrets/versions.ts';
import type { Vault } from '../../../shared/secrets/key-vault.ts';
import { vonageSecretName } from '../../../shared/secrets/vonage.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { canAsk } from '../context.ts';
import type { Context } from '../context.ts';
import { judgeConnectionString, judgeKey, judgeVonageSecret } from './secret-value.ts';
import { askVault, mendOfVault } from './vault-answer.ts';
import type { Held } from './vault-answer.ts';

type Named = { readonly name: string; readonly judge: (held: Held) => Finding };

/** Each secret that the settings name: is it there, enabled, in its time and long enough? */
export async function checkSecrets(context: Context): Promise<Finding[]> {
  const { settings } = context;
  const url = settings.KEY_VAULT_URL;
  const vault = canAsk(context, 'KEY_VAULT_URL', url) ? keyVault(url, context.signIn) : undefined;
  const asked = [
    ...namedSecrets(context).map(({ name, judge }) => oneSecret(context, vault, name, judge)),
    ...(settings.VONAGE_PROJECTS ?? []).map(({ apiKey }) => vonageSecrets(context, vault, apiKey)),
  ];
  return oneForAll((await Promise.all(asked)).flat());
}

function namedSecrets({ settings }: Context): Named[] {
  const rows: [SecretSetting, Named['judge']][] = [
    ['CALLBACK_KEY_SECRET', judgeKey],
    ['EVENT_GRID_KEY_SECRET', judgeKey],
    ['ACS_CONNECTION_STRING_SECRET', judgeConnectionString(settings.ACS_ENDPOINT)],
  ];
  return rows.flatMap(([setting, judge]) => {
    const name = settings[setting];
    return name ? [{ name, judge }] : [];
  });
}

async function oneSecret(
  context: Context,
  vault: Vault | undefined,
  name: string,
  judge: Named['judge'],
): Promise<Finding[]> {
  const held = await heldBy(context, vault, name);
  if (held === undefined) return [];
  if (held === 'absent') return [absent(context, name)];
  return [judge(held)];
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

function absent({ settings }: Context, name: string): Finding {
  const vault = new URL(settings.KEY_VAULT_URL ?? 'https://<vault>').hostname.split('.')[0];
  return fault(
    `secret ${name}`,
    'there is no such secret in the vault',
    `az keyvault secret set --vault-name ${vault} --name ${name} --value "$(openssl rand -base64 32)"`,
  );
}

/** A project has a secret for each kind of callback, or one for those that have none of their own. */
async function vonageSecrets(context: Context, vault: Vault | undefined, apiKey: string): Promise<Finding[]> {
  const own = vonageSecretName(apiKey);
  const names = [own, ...vonageKinds.map((kind) => vonageSecretName(apiKey, kind))];
  const held = await Promise.all(names.map((name) => heldBy(context, vault, name)));
  const present = held.filter((one) => one !== undefined && one !== 'absent');
  const without = vonageKinds.filter((_, index) => held[index + 1] === 'absent');
  const findings = present.map(judgeVonageSecret);
  if (held[0] !== 'absent' || without.length === 0) return oneWhereWell(own, findings);
  const missing = `no secret for ${without.join(', ')}`;
  const mend = `put the signature secret of the Vonage dashboard into the vault as ${own}, or one for each kind as ${own}-<kind>`;
  return [
    ...findings,
    present.length === 0
      ? fault(`secret ${own}`, missing, mend)
      : warning(`secret ${own}`, missing, `${mend}; a kind that is never sent needs none`),
  ];
}

/** Seven secrets that are as they should be take one line. */
function oneWhereWell(name: string, findings: readonly Finding[]): Finding[] {
  if (findings.length < 2 || findings.some(({ outcome }) => outcome !== 'well')) return [...findings];
  return [well(`secrets ${name}`, `${findings.length} are there, for every kind of callback`)];
}

/** A vault that answers nothing is one fault, and not one for every secret. */
function oneForAll(findings: readonly Finding[]): Finding[] {
  const [first] = findings;
  const isOut = findings.length > 1 && findings.every(({ found }) => found === first?.found);
  if (!isOut || !first?.found.startsWith('the vault ')) return [...findings];
  return [fault('vault', first.found, mendOfVault(first.found))];
}
