import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './azd.ts';
import { variablesFor } from './variables.ts';

// In the workflow deploy, before azd: hands the variables of the GitHub environment to azd, all that infra/ takes. Without a
// list in the workflow none can be forgotten there, which would reset a setting to its default.
const files = ['main', 'media'].map((name) =>
  readFileSync(join(import.meta.dirname, '..', `${name}.parameters.json`), 'utf8'),
);
const given = variablesFor(files, JSON.parse(output('VARIABLES')) as Record<string, string>);

for (const [name, value] of Object.entries(given)) {
  const end = randomUUID();
  appendFileSync(output('GITHUB_ENV'), `${name}<<${end}\n${value}\n${end}\n`);
}
console.log(`passed on: ${Object.keys(given).join(', ') || 'none'}`);
