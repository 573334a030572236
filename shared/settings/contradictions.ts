import type { SecretSetting } from '../secrets/rings.ts';
import { vonageKinds } from '../events/vonage.ts';
import { vonageSecretName } from '../secrets/vonage.ts';
import { isDevelopment, secretSetting } from '../settings.ts';
import type { Environment, SettingName, Settings } from '../settings.ts';
import { ordinal } from './ordinal.ts';

/** What no single setting can tell: one that is useless without another, or needs one that is missing. */
export function contradictions(settings: Settings, environment: Environment): string[] {
  const given = (name: SettingName) => Boolean(environment[name]?.trim());
  return [
    ...providerFaults(given),
    ...insecureAddresses(settings),
    ...(given('ACS_RESOURCE_ID') ? secretFaults(settings, 'CALLBACK_KEY_SECRET') : []),
    ...(given('EVENT_GRID_KEY_SECRET') ? secretFaults(settings, 'EVENT_GRID_KEY_SECRET') : []),
    ...(given('ACS_CONNECTION_STRING_SECRET') ? secretFaults(settings, 'ACS_CONNECTION_STRING_SECRET') : []),
    ...vonageFaults(settings),
    ...(isDevelopment(settings) || given('LEDGER')
      ? []
      : [
          'LEDGER is missing: set it to memory, which serves one instance (in Development it is the default)',
        ]),
  ];
}

/** What callback URIs begin with. */
const BASE_URL = ['CALLBACK_BASE_URL', 'WEBSITE_HOSTNAME'] as const;

/** Settings that have no use without another. */
const needs: readonly [SettingName, SettingName | readonly SettingName[]][] = [
  ['ACS_ISSUER', 'ACS_RESOURCE_ID'],
  ['ACS_OPENID_CONFIGURATION_URL', 'ACS_RESOURCE_ID'],
  ['CALLBACK_KEY_SECRET', 'ACS_RESOURCE_ID'],
  // The events of a call that is answered or placed come back to the Call Automation route.
  ['ACS_ENDPOINT', 'ACS_RESOURCE_ID'],
  ['ACS_ENDPOINT', BASE_URL],
  ['ACS_CONNECTION_STRING_SECRET', 'ACS_ENDPOINT'],
  ['MEDIA_URL', 'ACS_ENDPOINT'],
  ['EVENT_GRID_TENANT_ID', 'EVENT_GRID_AUDIENCE'],
  ['EVENT_GRID_AUDIENCE', 'EVENT_GRID_TENANT_ID'],
  ['EVENT_GRID_SENDER_APP_ID', 'EVENT_GRID_TENANT_ID'],
  ['EVENT_GRID_AUTHORITY', 'EVENT_GRID_TENANT_ID'],
  ['EVENT_GRID_SUBSCRIPTIONS', ['EVENT_GRID_KEY_SECRET', 'EVENT_GRID_TENANT_ID']],
  ['EVENT_GRID_TOPICS', ['EVENT_GRID_KEY_SECRET', 'EVENT_GRID_TENANT_ID']],
];

function providerFaults(given: (name: SettingName) => boolean): string[] {
  const faults: string[] = [];
  if (
    !['ACS_RESOURCE_ID', 'EVENT_GRID_KEY_SECRET', 'EVENT_GRID_TENANT_ID', 'VONAGE_PROJECTS'].some((name) =>
      given(name as SettingName),
    )
  ) {
    faults.push(
      'ACS_RESOURCE_ID is missing, so there is no route to serve: set it to the immutable resource id of your Communication Services resource (az communication show --name <name> --resource-group <group> --query immutableResourceId)',
    );
  }
  for (const [name, others] of needs) {
    const either = [others].flat();
    if (!given(name) || either.some(given)) continue;
    const mend =
      others === BASE_URL ? 'set CALLBACK_BASE_URL to the public address of the app' : 'set both or neither';
    faults.push(`${name} has no use without ${either.join(' or ')}: ${mend}`);
  }
  return faults;
}

const ADDRESSES = [
  'ACS_OPENID_CONFIGURATION_URL',
  'ACS_ENDPOINT',
  'CALLBACK_BASE_URL',
  'EVENT_GRID_AUTHORITY',
  'KEY_VAULT_URL',
  'MEDIA_URL',
] as const;

function insecureAddresses(settings: Settings): string[] {
  return ADDRESSES.flatMap((name) => {
    const address = settings[name];
    if (!address || /^(https|wss):$/.test(new URL(address).protocol)) return [];
    if (isDevelopment(settings) && isLoopback(address)) return [];
    const scheme = name === 'MEDIA_URL' ? 'wss' : 'https';
    const insecure = name === 'MEDIA_URL' ? 'ws' : 'http';
    return `${name} must begin with ${scheme}:// (${insecure} is for a loopback address in Development alone)`;
  });
}

/** A secret is in the vault, or in Development in a setting; in Development it may be missing altogether. */
function secretFaults(settings: Settings, name: SecretSetting): string[] {
  const secret = settings[name];
  const development = isDevelopment(settings);
  if (!secret) return development ? [] : [`${name} is missing: set it to the name of a secret in your vault`];
  if (settings.developmentSecret(secret) || settings.KEY_VAULT_URL) return [];
  return [`${name} names a secret, but there is no vault: set KEY_VAULT_URL${inSettings(settings)}`];
}

function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Told without the name, which is a secret itself where somebody mistook one for the other. */
const inSettings = (settings: Settings) =>
  isDevelopment(settings)
    ? ', or SECRET_<NAME> to the secret itself, <NAME> being its name in upper case and with - as _'
    : '';

/** What is shorter is no secret. Bytes. */
const LEAST_SECRET = 4;

/** Each project has a secret for every kind of callback, or one of its own. */
function vonageFaults(settings: Settings): string[] {
  return (settings.VONAGE_PROJECTS ?? []).flatMap(({ apiKey }, index) => {
    const project = vonageSecretName(apiKey);
    const names = [project, ...vonageKinds.map((kind) => vonageSecretName(apiKey, kind))];
    const secrets = names.map((name) => [name, settings.developmentSecret(name)] as const);
    const short = secrets.filter(([, secret]) => secret && Buffer.byteLength(secret) < LEAST_SECRET);
    const faults = short.map(
      ([name]) => `${secretSetting(name)} is shorter than ${LEAST_SECRET} bytes: use 32 or more`,
    );
    const hasSecret = settings.KEY_VAULT_URL || secrets.some(([, secret]) => secret);
    if (hasSecret) return faults;
    const which = `the secret of its ${ordinal(index + 1)} element, vonage-<apiKey>`;
    return [`VONAGE_PROJECTS needs a vault with ${which}: set KEY_VAULT_URL${inSettings(settings)}`];
  });
}
