import { settingsTable } from '../shared/settings/settings.ts';

/** What the names of settings begin with that Azure sets or reads itself, and of Ringward's development secrets. */
export const TAKEN_PREFIXES = [
  'APPLICATIONINSIGHTS_',
  'APPSETTING_',
  'AZURE_FUNCTIONS_',
  'AzureWebJobs',
  'CONTAINER_APP_',
  'FUNCTIONS_',
  'IDENTITY_',
  'MSI_',
  'SECRET_',
  'WEBSITE_',
] as const;

const taken = new Set(Object.keys(settingsTable));
const prefixes = TAKEN_PREFIXES.map((prefix) => prefix.toUpperCase());

/**
 * Whether a name belongs to Ringward or to Azure, so that no setting of a handler can have it. In any case of letters, as
 * Azure compares names. infra/settings.bicep refuses the same names.
 */
export function isTaken(name: string): boolean {
  const upper = name.toUpperCase();
  return taken.has(upper) || prefixes.some((prefix) => upper.startsWith(prefix));
}
