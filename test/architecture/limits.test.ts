import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

// Lasting limits: what is added replaces something, and a reader can follow one callback in an afternoon.
const root = path.join(import.meta.dirname, '../..');

function codeIn(folder: string, ...without: readonly string[]): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => /\.(ts|mjs|cjs)$/.test(name) && !name.includes('node_modules'))
    .filter((name) => !without.some((other) => name.startsWith(`${other}/`)));
}

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const linesOf = (files: readonly string[]) =>
  files.reduce((sum, file) => sum + read(file).split('\n').length - 1, 0);

test.each([
  { folder: 'shared', without: ['shared/providers', 'shared/events'], files: 64, lines: 7000 },
  { folder: 'local', without: ['local/providers'], files: Infinity, lines: 10_500 },
  { folder: 'tools', without: [], files: Infinity, lines: 4200 },
  { folder: 'bench', without: ['bench/receivers'], files: Infinity, lines: 3600 },
])('$folder keeps to its size', ({ folder, without, files, lines }) => {
  const code = codeIn(folder, ...without);
  expect(code.length).toBeGreaterThan(0);
  expect(code.length).toBeLessThanOrEqual(files);
  expect(linesOf(code)).toBeLessThanOrEqual(lines);
});

test('one callback is reached through at most 36 files by value imports', () => {
  const reached = new Set<string>();
  const queue = ['shared/providers/call-automation.ts', 'shared/delivery/pipeline.ts'];
  for (const file of queue) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, specifier = ''] of read(file).matchAll(/^import (?!type )[^;]*? from '(\.[^']+)';/gm)) {
      queue.push(path.posix.join(path.posix.dirname(file), specifier));
    }
  }
  expect(reached.size).toBeGreaterThan(10);
  expect(reached.size).toBeLessThanOrEqual(36);
});
