import { expect, test } from 'vitest';
import { isTaken } from '../../local/handler-settings.ts';
import { settingsTable } from '../../shared/settings/settings.ts';

test.each([
  ...Object.keys(settingsTable),
  'vonage_projects',
  'SECRET_CALLBACK_KEY',
  'AzureWebJobsStorage',
  'AZUREWEBJOBSDISABLEHOMEPAGE',
  'FUNCTIONS_WORKER_RUNTIME',
  'WEBSITE_SITE_NAME',
  // App Service writes each full stop as an underscore.
  'CALL.BINDING',
  'key.vault_url',
  ' CALL_BINDING',
  'SECRET.CALLBACK_KEY',
  // The host reads these as connection strings, before AzureWebJobsStorage, and as host.json.
  'ConnectionStrings__AzureWebJobsStorage',
  'CUSTOMCONNSTR_AzureWebJobsStorage',
  'AzureFunctionsJobHost__extensions__http__routePrefix',
  'languageWorkers__node__arguments',
])('%s is taken', (name) => expect(isTaken(name)).toBe(true));

test.each(['PARTNER_URL', 'AZURE_OPENAI_ENDPOINT', 'VONAGE_PRIVATE_KEY', 'PORTAL', 'PATH', 'secretary'])(
  '%s is free for a handler',
  (name) => expect(isTaken(name)).toBe(false),
);
