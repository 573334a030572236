import { vonageKinds } from '../events/vonage.ts';
import type { SecretSetting } from '../secrets/versions.ts';
import { vonageSecretName } from '../secrets/vonage.ts';
import { isDevelopment, secretSetting } from '../settings.ts';
import type { Settings } from '../settings.ts';
import type { Given } from './contradictions.ts';
import { ordinal } from './parse.ts';

const SETTINGS = ['CALLBACK_KEY_SECRET', 'EVENT_GRID_KEY_SECRET', 'ACS_CONNECTION_STRING_SECRET'] as const;

/** What is wrong with the secrets that settings name. */
export function secretFaults(settings: Settings, given: Given): string[] {
  return [...SETTINGS.flatMap((name) => faultsOf(name, settings, given)), ...sharedNames(settings)];
}

/** A secret is in the vault, or in Development in a setting; in Development it may be missing altogether. */
function faultsOf(name: SecretSetting, settings: Settings, given: Given): string[] {
  const secret = settings[name];
  if (!given(name)) {
    const needed = name === 'CALLBACK_KEY_SECRET' && given('ACS_RESOURCE_ID') && !isDevelopment(settings);
    return needed ? [`${name} is missing: set it to the name of a secret in your vault`] : [];
  }
  // At fault itself, which is told already, or of no use.
  if (!secret || (name === 'CALLBACK_KEY_SECRET' && !given('ACS_RESOURCE_ID'))) return [];
  const inSetting = settings.developmentSecret(secret);
  if (inSetting?.trim() === '') return [blank(secret)];
  if (inSetting || given('KEY_VAULT_URL')) return [];
  return [`${name} names a secret, but there is no vault: set KEY_VAULT_URL${inSettings(settings)}`];
}

/** Whoever holds one of two secrets must not hold the other with it. Names in a vault have no case. */
function sharedNames(settings: Settings): string[] {
  return SETTINGS.flatMap((one, index) =>
    SETTINGS.slice(index + 1)
      .filter((other) => settings[one] && settings[one].toLowerCase() === settings[other]?.toLowerCase())
      .map((other) => `${one} and ${other} name the same secret: give each a secret of its own`),
  );
}

/** Told without the name, which is a secret itself where somebody mistook one for the other. */
const inSettings = (settings: Settings) =>
  isDevelopment(settings)
    ? ', or SECRET_<NAME> to the secret itself, <NAME> being its name in upper case and with - as _'
    : '';

const blank = (name: string) => `${secretSetting(name)} is blank: set it to 32 random bytes or more`;

/** What is shorter is no secret. Bytes. */
const LEAST_SECRET = 4;

/** Each project has a secret for every kind of callback, or one of its own. */
export function vonageFaults(settings: Settings, given: Given): string[] {
  return (settings.VONAGE_PROJECTS ?? []).flatMap(({ apiKey }, index) => {
    const names = [vonageSecretName(apiKey), ...vonageKinds.map((kind) => vonageSecretName(apiKey, kind))];
    const secrets = names.flatMap((name) => {
      const secret = settings.developmentSecret(name);
      return secret ? [{ name, secret }] : [];
    });
    if (secrets.length === 0 && !given('KEY_VAULT_URL')) {
      const which = `the secret of its ${ordinal(index + 1)} element, vonage-<apiKey>`;
      return [`VONAGE_PROJECTS needs a vault with ${which}: set KEY_VAULT_URL${inSettings(settings)}`];
    }
    return secrets.flatMap(({ name, secret }) => {
      if (secret.trim() === '') return [blank(name)];
      if (Buffer.byteLength(secret) >= LEAST_SECRET) return [];
      return [`${secretSetting(name)} is shorter than ${LEAST_SECRET} bytes: use 32 or more`];
    });
  });
}
