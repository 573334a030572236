import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFolder } from '../../local/serve.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function watched() {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'more'));
  const file = path.join(folder, 'calls.ts');
  await writeFile(file, '1');
  const seen: string[] = [];
  const watcher = watchFolder(folder, (name) => seen.push(name));
  onTestFinished(watcher.close);
  return { folder, file, seen };
}

test('a file is noticed when it is written to, and again after an editor put a new one in its place', async () => {
  const { file, seen } = await watched();
  await appendFile(file, '2');
  await expect.poll(() => seen).toEqual(['calls.ts']);
  await writeFile(`${file}.new`, '3');
  await rename(`${file}.new`, file);
  await expect.poll(() => seen).toEqual(['calls.ts', 'calls.ts']);
  await appendFile(file, '4');
  await expect.poll(() => seen).toEqual(['calls.ts', 'calls.ts', 'calls.ts']);
});

test('a file further down is noticed, and one that is no TypeScript is not', async () => {
  const { folder, seen } = await watched();
  await writeFile(path.join(folder, 'notes.txt'), '1');
  await writeFile(path.join(folder, 'more', 'deep.ts'), '1');
  await expect.poll(() => seen).toEqual([path.join('more', 'deep.ts')]);
});
