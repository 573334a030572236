import { expect, test } from 'vitest';
import { warnAtStart } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { production } from '../../support/settings.ts';

function warnings(environment: Environment) {
  const noted: unknown[] = [];
  warnAtStart(environment, (...note) => noted.push(note));
  return noted;
}

test('there is nothing to say of settings as they are meant', () => {
  expect(warnings(production)).toEqual([]);
});

test('a misspelled setting is told by its name and never by its value', () => {
  const misspelled = { ...production, KEYVAULT_URL: 'hunter2', ACS_KEY: 'hunter2' };
  expect(warnings(misspelled)).toEqual([
    ['warn', 'setting-unknown', { name: 'KEYVAULT_URL', meant: 'KEY_VAULT_URL' }],
    ['warn', 'setting-unknown', { name: 'ACS_KEY' }],
  ]);
});
