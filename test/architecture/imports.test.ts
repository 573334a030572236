import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { everyForm, erased, loading } from './forms.ts';
import { checkImports, violationsIn } from './imports.ts';

const project = join(import.meta.dirname, '../..');
const free = ['local', 'tools', 'test', 'bench'];
const rooms = ['functions', 'media', 'handlers', 'shared', 'infra', ...free];

/** The rules once more, as a table. */
const allowed = new Set([
  'functions handlers',
  'functions shared',
  'media handlers',
  'media shared',
  ...rooms.map((room) => `${room} ${room}`),
  ...free.flatMap((room) => rooms.map((other) => `${room} ${other}`)),
]);

describe('this project', () => {
  const { files, filesOf, violations } = checkImports(project);

  test(`keeps to the direction of imports, in ${files} files read`, () => {
    expect(violations).toEqual([]);
    expect(files).toBeGreaterThan(0);
  });

  const present = readdirSync(project).filter((folder) => rooms.includes(folder));
  test.each(present)('is read in every file of %s', (room) => {
    const code = readdirSync(join(project, room), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.(?:ts|mjs|js|cjs)$/.test(name) && !name.includes('node_modules'),
    );
    expect(filesOf[room] ?? 0).toBe(code.length);
  });

  test('has at least the rooms without which it does nothing', () => {
    for (const room of ['functions', 'handlers', 'shared', 'local', 'tools', 'test']) {
      expect(filesOf[room], room).toBeGreaterThan(0);
    }
  });
});

describe('a planted violation is found', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'rooms-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const plant = (path: string, source: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), source);
  };

  test.each(Object.entries(everyForm))('in %s', (_, form) => {
    plant('shared/events/kept.ts', "import { x } from './types.ts';\n");
    plant('shared/deep/planted.ts', `const before = 1;\n${form('../../functions/x.ts')}\n`);
    const { files, violations } = checkImports(root);
    expect(files).toBe(2);
    expect(violations).toEqual([expect.stringMatching(/^shared\/deep\/planted\.ts:2 .*functions/)]);
  });

  const pairs = rooms.flatMap((room) => rooms.map((other) => [room, other] as const));
  test.each(pairs.filter(([room, other]) => !allowed.has(`${room} ${other}`)))(
    'from %s to %s',
    (room, other) => {
      plant(`${room}/planted.ts`, `export * from '../${other}/x.ts';`);
      expect(checkImports(root).violations).toEqual([expect.stringContaining(`imports ../${other}/x.ts`)]);
    },
  );
  test.each(pairs.filter(([room, other]) => allowed.has(`${room} ${other}`)))(
    'but not from %s to %s',
    (room, other) => {
      plant(`${room}/fine.ts`, `export * from '../${other}/x.ts';`);
      expect(checkImports(root)).toEqual({ files: 1, filesOf: { [room]: 1 }, violations: [] });
    },
  );

  test.each(['elsewhere/x.ts', 'docs/x.mjs', 'x.ts', 'constructor/x.ts', 'docs/deep/x.cjs', 'x.js'])(
    'at %s',
    (path) => {
      plant(path, '');
      expect(checkImports(root).violations).toEqual([`${path} is in no known room`]);
    },
  );

  test('behind a link', () => {
    plant('local/x.ts', '');
    plant('shared/x.ts', '');
    symlinkSync(join(root, 'local/x.ts'), join(root, 'shared/y.ts'));
    symlinkSync(join(root, 'local'), join(root, 'media'));
    expect(checkImports(root).violations).toEqual([
      expect.stringContaining('media is a link'),
      expect.stringContaining('shared/y.ts is a link'),
    ]);
  });

  test('and what is no code of ours is left alone', () => {
    for (const folder of ['node_modules/x', 'dist/app', 'coverage', '.git', 'bench/node_modules/x']) {
      plant(`${folder}/x.js`, "import '../../local/x.ts'");
    }
    plant('some.config.ts', "import { defineConfig } from 'vitest/config';");
    plant('docs/page.md', "import x from '../local/x.ts'");
    expect(checkImports(root)).toEqual({ files: 1, filesOf: { 'some.config.ts': 1 }, violations: [] });
  });
});

describe('handlers may import', () => {
  test.each(Object.entries(erased))('the types of shared/events by %s', (_, form) => {
    expect(violationsIn('handlers/x.ts', form('../shared/events/handlers.ts'))).toEqual([]);
  });
  test.each(Object.entries(loading))('nothing of shared/events by %s', (_, form) => {
    expect(violationsIn('handlers/x.ts', form('../shared/events/handlers.ts'))).toHaveLength(1);
  });
  test.each([
    '../shared/reasons.ts',
    '../shared/events-not.ts',
    '../shared/events/../reasons.ts',
    '../functions/x.ts',
  ])('no types of %s', (specifier) => {
    expect(violationsIn('handlers/x.ts', `import type { X } from '${specifier}';`)).toHaveLength(1);
  });
  test.each(['node:fs', '@scope/name/sub', 'name', './own.ts', './deep/own.ts'])('%s', (specifier) => {
    expect(violationsIn('handlers/x.ts', `import { x } from '${specifier}';`)).toEqual([]);
  });
});

describe('for any source', () => {
  const gap = fc.constantFrom(' ', '\n', '\t', ' /* from */ ', " // it's\n", '\r\n', '  /**/ ');
  const form = fc.constantFrom(...Object.entries(everyForm));
  const room = fc.constantFrom(...rooms);

  test('the rules hold whatever the form, the spacing and the depth', () => {
    fc.assert(
      fc.property(
        form,
        gap,
        fc.constantFrom("'", '"'),
        room,
        room,
        fc.nat(3),
        ([name, write], g, q, from, to, depth) => {
          const specifier = `../${'../'.repeat(depth)}${to}/x.ts`;
          const found = violationsIn(`${from}/${'a/'.repeat(depth)}x.ts`, write(specifier, g, q));
          expect(found.length, `${name} from ${from} to ${to}`).toBe(allowed.has(`${from} ${to}`) ? 0 : 1);
        },
      ),
    );
  });
});
