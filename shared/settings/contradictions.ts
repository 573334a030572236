import { isDevelopment, isLoopback, ledgerOf } from '../settings.ts';
import type { Environment, SettingName, Settings } from '../settings.ts';
import { secretFaults, vonageFaults } from './secrets.ts';

/** Whether a setting is there, faulty or not. */
export type Given = (name: SettingName) => boolean;

/** What no single setting can tell: one that is useless without another, or needs one that is missing. */
export function contradictions(settings: Settings, environment: Environment): string[] {
  const given: Given = (name) => Boolean(environment[name]?.trim());
  return [
    ...providerFaults(given),
    ...insecureAddresses(settings),
    ...secretFaults(settings, given),
    ...vonageFaults(settings, given),
    ...ledgerFaults(settings, given),
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

function providerFaults(given: Given): string[] {
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
  'ACS_ISSUER',
  'ACS_OPENID_CONFIGURATION_URL',
  'ACS_ENDPOINT',
  'CALLBACK_BASE_URL',
  'EVENT_GRID_AUTHORITY',
  'KEY_VAULT_URL',
  'LEDGER_TABLE_URL',
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

function ledgerFaults(settings: Settings, given: Given): string[] {
  const understood = given('LEDGER') === Boolean(settings.LEDGER);
  if (!understood || ledgerOf(settings) === 'memory' || given('LEDGER_TABLE_URL')) return [];
  return [
    'LEDGER_TABLE_URL is missing: set it to the table service of your storage account (https://<account>.table.core.windows.net), or LEDGER to memory, which serves one instance',
  ];
}
