import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The linter enforces the direction of imports. These violations are planted in a copy of nothing but its configuration.
const project = path.join(import.meta.dirname, '../..');

const violations = {
  'shared/a.ts': "import { x } from '../functions/x.ts';\nexport const a = x;",
  'shared/deep/b.ts': "import type { X } from '../../media/x.ts';\nexport type B = X;",
  'shared/c.ts': "export * from '../handlers/x.ts';",
  'shared/d.ts': "export const d = await import('../local/x.ts');",
  'functions/e.ts': "export * from '../media/x.ts';",
  'functions/f.ts': "export * from '../tools/x.ts';",
  'media/g.ts': "export * from '../functions/x.ts';",
  'media/h.ts': "export * from '../test/x.ts';",
  'handlers/i.ts': "import { x } from '../shared/events/x.ts';\nexport const i = x;",
  'handlers/j.ts': "import type { X } from '../shared/reasons.ts';\nexport type J = X;",
  'handlers/k.ts': "import type { X } from '../shared/delivery/x.ts';\nexport type K = X;",
  'handlers/l.ts': "import type { X } from '../functions/x.ts';\nexport type L = X;",
  'infra/m.ts': "export * from '../shared/x.ts';",
};
const cycle = {
  'shared/one.ts': "import type { Two } from './two.ts';\nexport type One = { two?: Two };",
  'shared/two.ts': "import type { One } from './one.ts';\nexport type Two = { one?: One };",
};
const allowed = {
  'shared/n.ts': "export * from './x.ts';\nexport * from 'node:fs';",
  'functions/o.ts': "export * from '../shared/x.ts';\nexport * from '../handlers/x.ts';",
  'media/p.ts': "export * from '../shared/x.ts';\nexport * from '../handlers/x.ts';",
  'handlers/q.ts':
    "import type { X } from '../shared/events/x.ts';\nexport type Q = X;\nexport * from './own.ts';",
  'local/r.ts': "export * from '../shared/x.ts';\nexport * from '../functions/x.ts';",
};

let root: string;
let found: readonly { readonly filename: string; readonly code: string }[];

beforeAll(async () => {
  root = await temporaryFolder();
  copyFileSync(path.join(project, '.oxlintrc.json'), path.join(root, '.oxlintrc.json'));
  for (const [name, source] of Object.entries({ ...violations, ...cycle, ...allowed })) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), `${source}\n`);
  }
  const oxlint = path.join(project, 'node_modules/oxlint/bin/oxlint');
  let report: string;
  try {
    report = execFileSync(process.execPath, [oxlint, '--format', 'json'], { cwd: root, encoding: 'utf8' });
  } catch (failed) {
    report = (failed as { stdout: string }).stdout;
  }
  found = (JSON.parse(report) as { diagnostics: typeof found }).diagnostics;
});

const rulesFor = (name: string) => found.filter(({ filename }) => filename === name).map(({ code }) => code);

test.each(Object.keys(violations))('an import against the direction is found in %s', (name) => {
  expect(rulesFor(name)).toEqual(['eslint(no-restricted-imports)']);
});

test.each(Object.keys(cycle))('a cycle, of types alone, is found in %s', (name) => {
  expect(rulesFor(name)).toEqual(['import(no-cycle)']);
});

test.each(Object.keys(allowed))('an import along the direction passes in %s', (name) => {
  expect(rulesFor(name)).toEqual([]);
});
