import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Loaded when first needed, so it is a bundle of its own: whoever does not need it does not even read it. */
const SDKS = 'shared/azure-sdks.ts';

/** Leaves `await import('…/azure-sdks.ts')` an import, of the bundle beside. */
const sdksStayOutside: Plugin = {
  name: 'sdks-stay-outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/azure-sdks\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './azure-sdks.cjs', external: true } : undefined,
    );
  },
};

/** A file that was staged, and its size in bytes. */
export type StagedFile = { readonly name: string; readonly bytes: number };

/**
 * Stages an app: everything that is deployed and nothing else. The folder is emptied first.
 *
 * @param root the folder with functions/, handlers/, shared/, host.json and package.json
 * @param into an absolute path
 * @throws where esbuild cannot bundle; it has said why
 */
export const stageApp = (root: string, into: string) => stage(root, into, 'functions/main.ts', ['host.json']);

/** The same of the media host: what its container runs. */
export const stageMedia = (root: string, into: string) => stage(root, into, 'media/main.ts', []);

async function stage(
  root: string,
  into: string,
  entry: string,
  files: readonly string[],
): Promise<readonly StagedFile[]> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  await bundle(path.join(root, entry), path.join(into, 'main.cjs'));
  await bundle(path.join(root, SDKS), path.join(into, path.parse(SDKS).name + '.cjs'));
  for (const file of files) await cp(path.join(root, file), path.join(into, file));
  await writeFile(path.join(into, 'package.json'), await stagedPackage(root));
  const names = (await readdir(into)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(path.join(into, name))).size })));
}

/** CommonJS as `.cjs`, which the worker loads whatever the package says about modules. */
async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    // The worker supplies this module at run time; it exists nowhere else.
    external: ['@azure/functions-core'],
    plugins: [sdksStayOutside],
    logLevel: 'warning',
  });
}

/** No dependencies: everything is in the bundle, so nothing is to be installed where it runs. */
async function stagedPackage(root: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return `${JSON.stringify({ name, version, license, private: true, main: 'main.cjs' }, undefined, 2)}\n`;
}
