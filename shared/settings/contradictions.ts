import { isDevelopment, secretSetting } from '../settings.ts';
import type { Environment, SettingName, Settings } from '../settings.ts';

/** What no single setting can tell: one that is useless without another, or needs one that is missing. */
export function contradictions(settings: Settings, environment: Environment): string[] {
  const faults: string[] = [];
  const development = isDevelopment(settings);
  const given = (name: SettingName) => Boolean(environment[name]?.trim());

  const needCallAutomation = ['ACS_ISSUER', 'ACS_OPENID_CONFIGURATION_URL', 'CALLBACK_KEY_SECRET'] as const;
  if (!given('ACS_RESOURCE_ID')) {
    faults.push(
      'ACS_RESOURCE_ID is missing, so there is no route to serve: set it to the immutable resource id of your Communication Services resource (az communication show --name <name> --resource-group <group> --query immutableResourceId)',
    );
    for (const name of needCallAutomation) {
      if (given(name)) faults.push(`${name} has no use without ACS_RESOURCE_ID: set both or neither`);
    }
    return faults;
  }

  const insecure = [
    ['ACS_OPENID_CONFIGURATION_URL', settings.ACS_OPENID_CONFIGURATION_URL],
    ['CALLBACK_BASE_URL', settings.CALLBACK_BASE_URL],
    ['KEY_VAULT_URL', settings.KEY_VAULT_URL],
  ] as const;
  for (const [name, address] of insecure) {
    if (!address || new URL(address).protocol === 'https:') continue;
    if (!development || !isLoopback(address)) {
      faults.push(`${name} must begin with https:// (http is for a loopback address in Development alone)`);
    }
  }

  faults.push(...secretFaults(settings, 'CALLBACK_KEY_SECRET'));
  if (!development && !given('LEDGER')) {
    faults.push(
      'LEDGER is missing: set it to memory, which serves one instance (in Development it is the default)',
    );
  }
  return faults;
}

/** A secret is in the vault, or in Development in a setting; in Development it may be missing altogether. */
function secretFaults(settings: Settings, name: 'CALLBACK_KEY_SECRET'): string[] {
  const secret = settings[name];
  const development = isDevelopment(settings);
  if (!secret) return development ? [] : [`${name} is missing: set it to the name of a secret in your vault`];
  if (settings.developmentSecret(secret) || settings.KEY_VAULT_URL) return [];
  const inSettings = development ? `, or ${secretSetting(secret)} to the secret itself` : '';
  return [`${name} names "${secret}", but there is no vault: set KEY_VAULT_URL${inSettings}`];
}

function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
