import { expect, test } from 'vitest';
import { settingsTable } from '../../shared/settings/settings.ts';
import { exampleOf } from '../../shared/settings/table.ts';
import type { SettingName } from '../../shared/settings/settings.ts';
import { faultsOf } from '../support/settings.ts';
import { bicepFiles } from './bicep/walk.ts';
import type { Expression } from './bicep/syntax.ts';

const files = bicepFiles();
const declared = (path: string, name: string) =>
  files.find((file) => file.path === path)!.statements.find(({ names }) => names[0] === name)!;
const known = declared('modules/app.bicep', 'known').value;
const offered = declared('settings.bicep', 'AppSettings').type!.properties.map(({ name }) => [name, '']);

/** What a setting comes to: what the operator gave, which is nothing; what the template says; or what a resource is called. */
function valueOf(name: string, of: Expression, entra: boolean): string {
  if (of.kind === 'operation' && of.operator === '?:')
    return valueOf(name, of.operands[entra ? 2 : 1]!, entra);
  if (of.kind === 'string') return of.parts.join('');
  if (of.kind === 'member' && of.of.kind === 'name' && of.of.name === 'tuning') return '';
  if (of.kind === 'name' && of.name === 'eventGridAudience' && !entra) return '';
  const row = settingsTable[name as SettingName];
  return row ? exampleOf(row) : 'https://known.example';
}

test.each([
  ['with an Entra token of Event Grid', true],
  ['with the shared key alone', false],
])('the app starts with what the template sets, %s', (_, entra) => {
  const rows = known?.kind === 'object' ? known.properties : [];
  const environment = Object.fromEntries([
    ...offered,
    ...rows.map(({ key, value }) => [key!, valueOf(key!, value, entra)]),
  ]);
  expect(Object.keys(environment).length).toBeGreaterThan(30);
  const given = { ...environment, WEBSITE_HOSTNAME: 'ringward.azurewebsites.net' };
  // The ledger in a table is held by its own tests.
  expect(faultsOf(given)).toEqual([]);
});
