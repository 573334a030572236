import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { variablesFor } from '../../../infra/hooks/variables.ts';
import { infra } from '../bicep.ts';

const read = (path: string) => readFileSync(join(infra, path), 'utf8');
const files = ['main.parameters.json', 'media.parameters.json'].map(read);

test('every variable that infra/ takes is passed on where it has a value, and no other', () => {
  const values = { CALL_BINDING: 'enforce', ALLOWED_RANGES: '["203.0.113.0/24"]', NODE_OPTIONS: '--inspect' };
  expect(variablesFor(files, values)).toEqual({
    CALL_BINDING: 'enforce',
    ALLOWED_RANGES: '["203.0.113.0/24"]',
  });
});

test('an empty variable is left out, so that its default applies', () => {
  expect(variablesFor(files, { ALLOWED_RANGES: '', ACCESS_RESTRICTIONS: 'enforce' })).toEqual({
    ACCESS_RESTRICTIONS: 'enforce',
  });
});

test('the workflow passes them on before it provisions, tests apart from its sign-in, and provisions anew each time', () => {
  const workflow = read('../.github/workflows/deploy.yml');
  const [tests, deploy] = workflow.split(/^ {2}deploy:$/m);
  expect(tests).not.toMatch(/id-token: write|environment:\s*\$/);
  expect(tests).toContain('- run: bash .ci/run');
  expect(deploy).toContain('needs: test');
  expect(deploy).toMatch(/setup-azd@.*\n +with:\n +version: \d+\.\d+\.\d+\n/);
  const steps = [...deploy!.matchAll(/run: (.*)$/gm)].map(([, run]) => run);
  expect(steps).toEqual([
    'node infra/hooks/pass-variables.ts',
    '>-',
    'azd provision --no-prompt --no-state',
    'azd deploy --no-prompt',
  ]);
});
