import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsTable } from '../../shared/settings/settings.ts';
import type { SettingName } from '../../shared/settings/settings.ts';
import { exampleOf } from '../../shared/settings/table.ts';
import { faultsOf } from '../support/settings.ts';
import { hasBicep, infra, startBicep } from './bicep.ts';
import type { Bicep, Resource } from './bicep.ts';
import { bicepparam, sets, valuesFor } from './sets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Template = 'main' | 'media';

const present = hasBicep();
const MISSING = 'the Bicep CLI is not on the PATH: https://aka.ms/bicep-install';

test('the Bicep CLI is here to compile and evaluate infra/', ({ skip }) => {
  // `npm run infra` asks for it; `npm run test:all` also runs without.
  if (!present && process.env['npm_lifecycle_event'] === 'infra') throw new Error(MISSING);
  if (present) return;
  console.warn(`infra/ was neither compiled nor evaluated: ${MISSING}`);
  skip(MISSING);
});

describe.skipIf(!present)('the templates', () => {
  let bicep: Bicep;
  let folder: string;
  let compiled: Record<Template, ReturnType<Bicep['compile']>>;
  const evaluated = new Map<string, readonly Resource[]>();

  beforeAll(async () => {
    bicep = startBicep();
    const compile = (template: Template) => bicep.compile(join(infra, `${template}.bicep`));
    compiled = { main: compile('main'), media: compile('media') };
    folder = await temporaryFolder();
    for (const [name, variables] of Object.entries(sets)) {
      evaluated.set(name, await evaluate('main', { AZURE_ENV_NAME: 'test', ...variables }));
    }
    evaluated.set('media host', await evaluate('media', mediaVariables));
    evaluated.set(
      'media host with settings of handlers',
      await evaluate('media', { ...mediaVariables, ...sets['settings of handlers'] }),
    );
  });
  afterAll(() => bicep.stop());

  async function evaluate(template: Template, variables: Readonly<Record<string, string>>) {
    const path = join(infra, `${template}.bicep`);
    const file = JSON.parse(readFileSync(join(infra, `${template}.parameters.json`), 'utf8'));
    const { parameters: declared } = (await compiled[template]).template;
    const values = valuesFor(file, declared, { AZURE_LOCATION: 'westeurope', ...variables });
    const parameters = join(folder, `${template}.bicepparam`);
    writeFileSync(parameters, bicepparam(relative(folder, path).replaceAll('\\', '/'), values));
    return bicep.evaluate(parameters, template === 'media' ? 'rg-test' : undefined);
  }

  const all = () => [...evaluated.values()].flat();
  const of = (set: string, type: string) => evaluated.get(set)!.filter((resource) => resource.type === type);

  test.each(['main', 'media'] as const)('%s.bicep compiles without an error or a warning', async (name) => {
    const { diagnostics } = await compiled[name];
    expect(
      diagnostics.map(({ source, code, message }) => `${relative(infra, source)} ${code}: ${message}`),
    ).toEqual([]);
  });

  test('every file is formatted', async () => {
    const files = readdirSync(infra, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.bicep'))
      .map((name) => join(infra, name));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(readFileSync(file, 'utf8'), file).toBe(await bicep.format(file));
  });

  test('each set of parameters makes these resources', async () => {
    const labels = (set: string) => evaluated.get(set)!.map(label).toSorted();
    const [first = '', ...others] = Object.keys(sets);
    const counts = [...evaluated].map(([set, resources]) => `${resources.length} ${set}`);
    const lines = [
      ...counts,
      `\n${first}:`,
      ...labels(first).map((line) => `  ${line}`),
      ...others.flatMap((set) => [`\n${set}, against ${first}:`, ...difference(labels(first), labels(set))]),
      '\nmedia host:',
      ...labels('media host').map((line) => `  ${line}`),
    ];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('resources.txt');
  });

  test('no version of an API is a preview but that of diagnostic settings, which has no other', () => {
    const previews = all().filter(({ apiVersion }) => apiVersion?.includes('preview'));
    expect(new Set(previews.map(({ type }) => type))).toEqual(
      new Set(['Microsoft.Insights/diagnosticSettings']),
    );
  });

  test.each<[type: string, path: string, expected: unknown]>([
    ['Microsoft.Storage/storageAccounts', 'allowSharedKeyAccess', false],
    ['Microsoft.Storage/storageAccounts', 'allowBlobPublicAccess', false],
    ['Microsoft.Storage/storageAccounts', 'allowCrossTenantReplication', false],
    ['Microsoft.Storage/storageAccounts', 'supportsHttpsTrafficOnly', true],
    ['Microsoft.Storage/storageAccounts', 'minimumTlsVersion', 'TLS1_2'],
    ['Microsoft.Storage/storageAccounts/blobServices', 'isVersioningEnabled', true],
    ['Microsoft.Storage/storageAccounts/blobServices/containers', 'publicAccess', 'None'],
    ['Microsoft.KeyVault/vaults', 'enableRbacAuthorization', true],
    ['Microsoft.KeyVault/vaults', 'enablePurgeProtection', true],
    ['Microsoft.KeyVault/vaults', 'enableSoftDelete', true],
    ['Microsoft.Web/sites', 'httpsOnly', true],
    ['Microsoft.Web/sites', 'siteConfig.minTlsVersion', '1.2'],
    ['Microsoft.Web/sites', 'siteConfig.scmMinTlsVersion', '1.2'],
    // Flex Consumption rejects it.
    ['Microsoft.Web/sites', 'siteConfig.ftpsState', undefined],
    ['Microsoft.Web/sites', 'functionAppConfig.runtime.version', '24'],
    ['Microsoft.Web/sites', 'functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency', 16],
    ['Microsoft.Web/sites/basicPublishingCredentialsPolicies', 'allow', false],
    ['Microsoft.OperationalInsights/workspaces', 'features.disableLocalAuth', true],
    ['Microsoft.Insights/components', 'DisableLocalAuth', true],
    ['Microsoft.ContainerRegistry/registries', 'adminUserEnabled', false],
    ['Microsoft.ContainerRegistry/registries', 'anonymousPullEnabled', false],
    ['Microsoft.App/containerApps', 'configuration.ingress.allowInsecure', false],
  ])('%s: %s is %j in every set', (type, path, expected) => {
    const found = all().filter((resource) => resource.type === type);
    expect(found.length).toBeGreaterThan(0);
    for (const { properties } of found) expect(at(properties, path)).toEqual(expected);
  });

  test('the policies against FTP have the location that Azure asks for', () => {
    const policies = of('new resource', 'Microsoft.Web/sites/basicPublishingCredentialsPolicies');
    expect(policies.map((policy) => at(policy, 'location'))).toEqual(['westeurope', 'westeurope']);
  });

  test('these roles are assigned, and no others', () => {
    expect(rolesIn(evaluated.get('new resource')!)).toEqual(
      [
        // Communication and Email Service Owner, Key Vault Secrets User, Monitoring Metrics Publisher.
        'app communicationServices/acs 09976791-48a7-449e-bb21-39d1a415f350',
        'app vaults/kv 4633458b-17de-408a-b874-0445c86b69e6',
        'app components/appi 3913510d-42f4-4e42-8a64-420c390055eb',
        // Storage Blob Data Owner for the Functions host, Storage Blob Data Contributor for the package.
        'app storageAccounts/st b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
        'app storageAccounts/stpkg/blobServices/default/containers/app-packages ba92f5b4-2d11-453d-a403-e96b0029c9fe',
        // Storage Table Data Contributor of one table.
        'app storageAccounts/st/tableServices/default/tables/ringward 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
        'media storageAccounts/st/tableServices/default/tables/ringward 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
        // AcrPull.
        'media registries/cr 7f951dda-4ed3-4680-a7ca-43fe172d538d',
        // Key Vault Secrets Officer.
        'operator vaults/kv b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
      ].toSorted(),
    );
    // Cognitive Services User, where an AI services resource is connected.
    expect(rolesIn(evaluated.get('own resource and topic')!)).toContainEqual(
      expect.stringMatching(/^communication accounts\/ours a97b65f3-24c7-4388-baec-2e87135dc908$/),
    );
    // Key Vault Secrets User of one secret.
    expect(rolesIn(evaluated.get('media host')!)).toEqual([
      'media vaults/kv/secrets/callback-key 4633458b-17de-408a-b874-0445c86b69e6',
    ]);
  });

  test.each(Object.keys(sets))('the app starts with the settings of the set "%s"', (set) => {
    const settings = settingsIn(evaluated.get(set)!);
    const ours = [...settings].filter(([name]) => name in settingsTable);
    expect(ours.length).toBeGreaterThan(3);
    const environment = Object.fromEntries(
      ours.map(([name, value]) => [name, value ?? exampleOf(settingsTable[name as SettingName])]),
    );
    expect(faultsOf({ ...environment, WEBSITE_HOSTNAME: 'ringward.azurewebsites.net' })).toEqual([]);
  });

  test.each([
    ['new resource', ['ACS_RESOURCE_ID', 'EVENT_GRID_AUDIENCE', 'EVENT_GRID_KEY_SECRET', 'MEDIA_URL'], []],
    ['shared key alone', ['EVENT_GRID_KEY_SECRET'], ['EVENT_GRID_AUDIENCE', 'EVENT_GRID_TENANT_ID']],
    ['Vonage alone', ['VONAGE_PROJECTS'], ['ACS_', 'EVENT_GRID_', 'MEDIA_', 'CALLBACK_']],
    ['LiveKit alone', ['LIVEKIT_KEYS'], ['ACS_', 'EVENT_GRID_', 'MEDIA_', 'CALLBACK_', 'VONAGE_']],
    ['Event Grid alone', ['EVENT_GRID_KEY_SECRET'], ['ACS_', 'MEDIA_', 'CALLBACK_', 'VONAGE_']],
    ['no media host', ['CALL_BINDING', 'TOKEN_REUSE'], ['MEDIA_']],
    ['US Government', ['EVENT_GRID_AUTHORITY', 'EVENT_GRID_SENDER_APP_ID'], []],
  ])('the set "%s" sets what it uses and leaves the rest out', (set, used, unused) => {
    const names = [...settingsIn(evaluated.get(set)!).keys()];
    expect(names).toEqual(expect.arrayContaining(used));
    expect(names.filter((name) => unused.some((prefix) => name.startsWith(prefix)))).toEqual([]);
  });

  test('the app has the settings of its handlers, and reads their secrets from the vault as itself', () => {
    const [config] = of('settings of handlers', 'Microsoft.Web/sites/config');
    expect(settingsIn(evaluated.get('settings of handlers')!).get('PARTNER_URL')).toBe(
      'https://partner.example',
    );
    expect(String(config?.properties)).toMatch(
      /'PARTNER_KEY', 'value', format\('@Microsoft\.KeyVault\(SecretUri=\{0\}\/secrets\/\{1\}\)', .*, 'Partner-Key'\)/,
    );
    const [site] = of('settings of handlers', 'Microsoft.Web/sites');
    expect(at(site?.properties, 'keyVaultReferenceIdentity')).toMatch(/userAssignedIdentities\/id-app-/);
  });

  test('the media host has the same, and the right to no other secret', () => {
    const set = 'media host with settings of handlers';
    const [host] = of(set, 'Microsoft.App/containerApps');
    expect(at(host?.properties, 'template.containers.0.env')).toEqual(
      expect.arrayContaining([
        { name: 'PARTNER_KEY', secretRef: 'partner-key' },
        { name: 'PARTNER_URL', value: 'https://partner.example' },
      ]),
    );
    expect(at(host?.properties, 'configuration.secrets')).toEqual([
      {
        name: 'partner-key',
        keyVaultUrl: 'https://kv-test.vault.azure.net/secrets/partner-key',
        identity: mediaVariables.MEDIA_IDENTITY_ID,
      },
    ]);
    expect(rolesIn(evaluated.get(set)!)).toEqual(
      ['callback-key', 'partner-key'].map(
        (name) => `media vaults/kv/secrets/${name} 4633458b-17de-408a-b874-0445c86b69e6`,
      ),
    );
  });

  test.each([
    ['main', 'HANDLER_SETTINGS', 'CALL_BINDING'],
    ['main', 'HANDLER_SECRETS', 'vonage_projects'],
    ['main', 'HANDLER_SETTINGS', 'AzureWebJobsStorage'],
    ['main', 'HANDLER_SETTINGS', 'Call.Binding'],
    ['media', 'HANDLER_SECRETS', 'ConnectionStrings__AzureWebJobsStorage'],
    ['media', 'HANDLER_SETTINGS', 'MEDIA_MAX_SOCKETS'],
    ['media', 'HANDLER_SECRETS', 'SECRET_CALLBACK_KEY'],
  ] as const)('%s.bicep refuses %s with the name %s', async (template, variable, name) => {
    const given = {
      ...mediaVariables,
      AZURE_ENV_NAME: 'test',
      [variable]: JSON.stringify({ [name]: 'any' }),
    };
    await expect(evaluate(template, given)).rejects.toThrow(
      `names of Ringward or Azure: ${name}. Rename them`,
    );
  });

  test('the host reads no larger body than the app could use, and shows no page of its own', () => {
    const settings = settingsIn(evaluated.get('new resource')!);
    expect(settings.get('FUNCTIONS_REQUEST_BODY_SIZE_LIMIT')).toBe('2097152');
    expect(settings.get('AzureWebJobsDisableHomepage')).toBe('true');
  });

  test('addresses are restricted only where the operator asked for it', () => {
    const [open] = of('new resource', 'Microsoft.Web/sites');
    const [restricted] = of('restricted addresses', 'Microsoft.Web/sites');
    expect(at(open?.properties, 'siteConfig.ipSecurityRestrictionsDefaultAction')).toBe('Allow');
    expect(at(restricted?.properties, 'siteConfig.ipSecurityRestrictionsDefaultAction')).toBe('Deny');
    expect(at(restricted?.properties, 'siteConfig.ipSecurityRestrictions')).toContainEqual(
      expect.objectContaining({ action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureEventGrid' }),
    );
  });

  test('the vault is restricted only where the operator asked for it', () => {
    const [open] = of('new resource', 'Microsoft.KeyVault/vaults');
    const [restricted] = of('restricted addresses', 'Microsoft.KeyVault/vaults');
    expect(at(open?.properties, 'networkAcls.defaultAction')).toBe('Allow');
    expect(at(restricted?.properties, 'networkAcls')).toMatchObject({
      defaultAction: 'Deny',
      ipRules: [{ value: '203.0.113.0/24' }],
      virtualNetworkRules: [{ id: expect.stringMatching(/subnets\/app$/) as string }],
    });
  });

  test.each([
    ['new resource', 1, 800],
    ['small and cold', -1, 800],
  ])('in the set "%s" the logs of a day end at %i GB, with an alert before', (set, cap, alertMb) => {
    const [workspace] = of(set, 'Microsoft.OperationalInsights/workspaces');
    const rules = of(set, 'Microsoft.Insights/scheduledQueryRules');
    const volume = rules.find(({ name }) => name?.startsWith('alert-log-volume'));
    expect(at(workspace?.properties, 'workspaceCapping.dailyQuotaGb')).toBe(cap);
    expect(at(volume?.properties, 'criteria.allOf.0.threshold')).toBe(alertMb);
  });

  test('no alert counts answers of the front end, which a stranger can cause', () => {
    const metrics = of('new resource', 'Microsoft.Insights/metricAlerts');
    expect(metrics.map(({ properties }) => at(properties, 'criteria.allOf.0.metricName'))).toEqual([
      'DroppedEventCount',
    ]);
  });

  test('an alert is mailed where the operator gave an address', () => {
    const receivers = (set: string) => of(set, 'Microsoft.Insights/actionGroups').length;
    expect([receivers('new resource'), receivers('own resource and topic')]).toEqual([0, 1]);
  });

  test('the media host without Call Automation ends with a message', async () => {
    const variables = { AZURE_ENV_NAME: 'test', CALL_AUTOMATION: 'false' };
    await expect(evaluate('main', variables)).rejects.toThrow('set MEDIA_HOST to false');
  });

  test('a deployment without any sender ends with a message', async () => {
    const none = { CALL_AUTOMATION: 'false', INCOMING_CALLS: 'false', MEDIA_HOST: 'false' };
    await expect(evaluate('main', { AZURE_ENV_NAME: 'test', ...none })).rejects.toThrow(
      'No sender is chosen',
    );
  });

  test('the media host has a minute to start, and as long to stop as its grace period and ten seconds', () => {
    const [host] = of('media host', 'Microsoft.App/containerApps');
    expect(at(host?.properties, 'template.containers.0.probes.0')).toMatchObject({
      type: 'Startup',
      periodSeconds: 6,
      failureThreshold: 10,
    });
    expect(at(host?.properties, 'template.terminationGracePeriodSeconds')).toBe(30);
  });
});

/** The outputs of main.bicep, and what azd knows of the image. */
const mediaVariables = {
  MEDIA_NAME: 'ca-media-test',
  SERVICE_MEDIA_IMAGE_NAME: 'crtest.azurecr.io/media:1',
  MEDIA_ENVIRONMENT_ID: '/subscriptions/s/resourceGroups/g/providers/Microsoft.App/managedEnvironments/cae',
  AZURE_CONTAINER_REGISTRY_ENDPOINT: 'crtest.azurecr.io',
  MEDIA_IDENTITY_ID:
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-media-test',
  MEDIA_IDENTITY_CLIENT_ID: 'client',
  MEDIA_IDENTITY_PRINCIPAL_ID: 'id-media-principal',
  VAULT_NAME: 'kv-test',
  VAULT_URL: 'https://kv-test.vault.azure.net',
  LEDGER_URL: 'https://sttest.table.core.windows.net',
  CALLBACK_KEY_NAME: 'callback-key',
  COMMUNICATION_RESOURCE_ID: '11111111-2222-3333-4444-555555555555',
};

/** The value at a path such as `siteConfig.minTlsVersion`. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** What ends every name, and what the tests put in its place. */
const TOKEN = /-?(?:[a-z0-9]{13}|test)(?=$|\/)/g;
/** The resource in the id of a role assignment, from its type on. */
const SCOPE = /\/providers\/Microsoft\.(?!Authorization)\w+\/([^',]+?)(?:'|\/providers\/)/;

/** Who has which role where, such as `app vaults/kv <id of the role>`. */
function roleOf({ id = '', properties }: Resource): string {
  const principal = String(at(properties, 'principalId'));
  const [, own] = /id-(app|media)-/.exec(principal) ?? [];
  const others = { 'deployer()': 'operator', 'communicationServices/': 'communication' };
  const who = own ?? Object.entries(others).find(([part]) => principal.includes(part))?.[1];
  const scope = SCOPE.exec(id)?.[1]?.replaceAll(TOKEN, '');
  return `${who} ${scope} ${String(at(properties, 'roleDefinitionId')).slice(-36)}`;
}

const isRole = ({ type }: Resource) => type === 'Microsoft.Authorization/roleAssignments';
const rolesIn = (resources: readonly Resource[]) => resources.filter(isRole).map(roleOf).toSorted();

/** Type and name without its token; the name of a workbook is a hash. */
function label(resource: Resource): string {
  const { type, name = '', apiVersion } = resource;
  const version = apiVersion ? `@${apiVersion}` : '';
  if (isRole(resource)) return `${type}${version} ${roleOf(resource)}`;
  return `${type}${version} ${/^[0-9a-f-]{36}$/.test(name) ? '' : name.replaceAll(TOKEN, '')}`.trim();
}

/** The lines that a set lacks or has beyond another. */
function difference(these: readonly string[], those: readonly string[]): readonly string[] {
  const rest = [...those];
  const lacking = these.filter((line) => {
    const index = rest.indexOf(line);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
  return [...lacking.map((line) => `  - ${line}`), ...rest.map((line) => `  + ${line}`)];
}

/** The settings of the app by name: those with a value, or `undefined` where only Azure knows it. */
function settingsIn(resources: readonly Resource[]): ReadonlyMap<string, string | undefined> {
  const config = resources.find(({ type }) => type === 'Microsoft.Web/sites/config');
  const expression = String(config?.properties);
  const ours = expression
    .split("createObject('key', '")
    .slice(1)
    .map((text) => /^(\w+)', 'value', ('([^']*)'\))?/.exec(text)!);
  const hosts = [...expression.matchAll(/'(FUNCTIONS_\w+|AzureWebJobs\w+)', '([^']*)'/g)];
  return new Map([
    ...hosts.map(([, name, value]) => [name!, value!] as const),
    ...ours
      .filter(([, , , literal]) => literal !== '')
      .map(([, name, , literal]) => [name!, literal] as const),
  ]);
}
