import { settingsTable } from '../shared/settings/settings.ts';

/**
 * What the names of settings begin with that Azure sets or reads itself, and of Ringward's development secrets. The Functions
 * host prefers a connection string to the setting AzureWebJobsStorage, and AzureFunctionsJobHost overrides host.json.
 */
export const TAKEN_PREFIXES = [
  'APPLICATIONINSIGHTS_',
  'APPSETTING_',
  'AZURE_FUNCTIONS_',
  'AzureFunctionsJobHost',
  'AzureWebJobs',
  'ConnectionStrings',
  'CONTAINER_APP_',
  'CUSTOMCONNSTR_',
  'FUNCTIONS_',
  'IDENTITY_',
  'languageWorkers',
  'MSI_',
  'MYSQLCONNSTR_',
  'POSTGRESQLCONNSTR_',
  'SECRET_',
  'SQLAZURECONNSTR_',
  'SQLCONNSTR_',
  'WEBSITE_',
] as const;

const taken = new Set(Object.keys(settingsTable));
const prefixes = TAKEN_PREFIXES.map((prefix) => prefix.toUpperCase());

/**
 * Whether a name belongs to Ringward or to Azure, so that no setting of a handler can have it. In any case of letters, as
 * Azure compares names, and with underscores for full stops, as App Service on Linux writes them. infra/settings.bicep refuses
 * the same names.
 */
export function isTaken(name: string): boolean {
  const upper = name.trim().replaceAll('.', '_').toUpperCase();
  return taken.has(upper) || prefixes.some((prefix) => upper.startsWith(prefix));
}
