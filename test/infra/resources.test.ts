import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from './bicep/parse.ts';
import { bicepFiles, pathsIn, resourcesOf } from './bicep/walk.ts';
import type { File } from './bicep/walk.ts';

/*
 * Every property that infra/ sets was held against the public schema of its API version once, with the types that the
 * compiler of Bicep itself uses. checked-properties.json is the list of what was found there; what is not in it was never
 * checked.
 */
type Checked = { source: string; checked: string; resources: Record<string, string[]> };
const checked = JSON.parse(
  readFileSync(join(import.meta.dirname, 'checked-properties.json'), 'utf8'),
) as Checked;

const files = bicepFiles();
const propertiesOf = (file: File) =>
  resourcesOf(file).flatMap((resource) =>
    [...pathsIn(resource.body, file)].map(({ path, value }) => ({ ...resource, path, value })),
  );
const unchecked = (all: readonly File[]) =>
  all.flatMap((file) => [
    ...resourcesOf(file).flatMap(({ type }) => (checked.resources[type] ? [] : [`${file.path}: ${type}`])),
    ...propertiesOf(file).flatMap(({ type, path, existing }) =>
      existing || checked.resources[type]?.includes(path) ? [] : [`${file.path}: ${type} ${path}`],
    ),
  ]);

test(`each of ${Object.keys(checked.resources).length} resource types and every property was held against its API version`, () => {
  expect(unchecked(files)).toEqual([]);
});

test('the list holds nothing that infra/ no longer sets', () => {
  const set = new Set(files.flatMap((file) => propertiesOf(file).map(({ type, path }) => `${type} ${path}`)));
  const stale = Object.entries(checked.resources).flatMap(([type, paths]) =>
    paths.map((path) => `${type} ${path}`).filter((one) => !set.has(one)),
  );
  expect(stale).toEqual([]);
});

test('no preview version but that of diagnostic settings, which has no other', () => {
  const versions = files.flatMap(resourcesOf).map(({ type }) => type);
  expect(new Set(versions.filter((type) => type.includes('preview')))).toEqual(
    new Set(['Microsoft.Insights/diagnosticSettings@2021-05-01-preview']),
  );
});

test.each([
  ['a property that nobody checked', 'allowBlobPublicAccess: false', 'allowBlobPublicAcces: false'],
  ['an API version that nobody checked', 'storageAccounts@2025-01-01', 'storageAccounts@2025-01-02'],
  [
    'a resource that nobody checked',
    'Microsoft.Storage/storageAccounts@',
    'Microsoft.Storage/storageAccount@',
  ],
])('%s is found', (_, from, to) => {
  const storage = files.find(({ path }) => path === 'modules/storage.bicep')!;
  const planted = storage.source.replace(from, to);
  expect(planted).not.toBe(storage.source);
  expect(unchecked([{ ...storage, source: planted, statements: parse(planted) }])).not.toEqual([]);
});

describe('what keeps doors closed is set', () => {
  const literals = files.flatMap(propertiesOf).map(({ type, path, value }) => {
    const text =
      value.kind === 'literal' ? value.value : value.kind === 'string' ? value.parts.join('') : undefined;
    return { type: type.split('@')[0]!, path, text };
  });

  test.each([
    ['Microsoft.Storage/storageAccounts', 'properties.allowSharedKeyAccess', false],
    ['Microsoft.Storage/storageAccounts', 'properties.allowBlobPublicAccess', false],
    ['Microsoft.Storage/storageAccounts', 'properties.allowCrossTenantReplication', false],
    ['Microsoft.Storage/storageAccounts', 'properties.supportsHttpsTrafficOnly', true],
    ['Microsoft.Storage/storageAccounts', 'properties.minimumTlsVersion', 'TLS1_2'],
    ['Microsoft.Storage/storageAccounts/blobServices/containers', 'properties.publicAccess', 'None'],
    ['Microsoft.KeyVault/vaults', 'properties.enableRbacAuthorization', true],
    ['Microsoft.KeyVault/vaults', 'properties.enablePurgeProtection', true],
    ['Microsoft.KeyVault/vaults', 'properties.enableSoftDelete', true],
    ['Microsoft.Web/sites', 'properties.httpsOnly', true],
    ['Microsoft.Web/sites', 'properties.siteConfig.ftpsState', 'Disabled'],
    ['Microsoft.Web/sites', 'properties.siteConfig.minTlsVersion', '1.2'],
    ['Microsoft.Web/sites', 'properties.siteConfig.scmMinTlsVersion', '1.2'],
    ['Microsoft.Web/sites', 'properties.functionAppConfig.runtime.version', '24'],
    ['Microsoft.Web/sites/basicPublishingCredentialsPolicies', 'properties.allow', false],
    ['Microsoft.OperationalInsights/workspaces', 'properties.features.disableLocalAuth', true],
    ['Microsoft.Insights/components', 'properties.DisableLocalAuth', true],
    ['Microsoft.ContainerRegistry/registries', 'properties.adminUserEnabled', false],
    ['Microsoft.ContainerRegistry/registries', 'properties.anonymousPullEnabled', false],
    ['Microsoft.App/containerApps', 'properties.configuration.ingress.allowInsecure', false],
  ])('%s: %s is %j', (type, path, expected) => {
    const found = literals.filter((one) => one.type === type && one.path === path);
    expect(found.length).toBeGreaterThan(0);
    for (const { text } of found) expect(text).toBe(expected);
  });
});

test('nothing beyond these roles is assigned, and to nobody else', () => {
  const text = (source: string, at: number) => source.slice(at).split(/[\n,]/, 1)[0]!.trim();
  const assigned = files.flatMap((file) =>
    resourcesOf(file)
      .filter(({ type }) => type.startsWith('Microsoft.Authorization/roleAssignments@'))
      .map(({ body }) => {
        const at = (path: string) => [...pathsIn(body, file)].find((one) => one.path === path)!.value.at;
        const role = text(file.source, at('properties.roleDefinitionId'));
        const id = new RegExp(String.raw`var ${role} = subscriptionResourceId\(\s*'[^']+',\s*'([^']+)'`).exec(
          file.source,
        )?.[1];
        return [text(file.source, at('properties.principalId')), text(file.source, at('scope')), id];
      }),
  );
  expect(assigned.toSorted()).toEqual(
    [
      // The app: Storage Blob Data Owner, Storage Table Data Contributor, Key Vault Secrets User, Monitoring Metrics
      // Publisher, Communication and Email Service Owner.
      ['appPrincipalId', 'account', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'],
      ['appPrincipalId', 'account', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'],
      ['appPrincipalId', 'vault', '4633458b-17de-408a-b874-0445c86b69e6'],
      ['appPrincipalId', 'insights', '3913510d-42f4-4e42-8a64-420c390055eb'],
      ['appPrincipalId', 'communication', '09976791-48a7-449e-bb21-39d1a415f350'],
      // The media host: Storage Table Data Contributor, AcrPull, Key Vault Secrets User of one secret.
      ['mediaPrincipalId', 'account', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'],
      ['mediaPrincipalId', 'registry', '7f951dda-4ed3-4680-a7ca-43fe172d538d'],
      ['identityPrincipalId', 'vault::callbackKey', '4633458b-17de-408a-b874-0445c86b69e6'],
      // Whoever deploys: Key Vault Secrets Officer.
      ['operatorPrincipalId', 'vault', 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'],
    ].toSorted(),
  );
});
