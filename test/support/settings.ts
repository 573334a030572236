import { readSettings, SettingsError } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';

/** The least that an app in Azure is started with. */
export const production: Environment = {
  ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
  CALLBACK_KEY_SECRET: 'callback-key',
  KEY_VAULT_URL: 'https://vault.example',
  LEDGER: 'memory',
};

/** The least that it is started with on a developer's machine. */
export const development: Environment = {
  AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
  ACS_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
};

/** What is wrong with an environment; nothing where it can be started with. */
export function faultsOf(environment: Environment): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (thrown) {
    if (thrown instanceof SettingsError) return thrown.faults;
    throw thrown;
  }
}
