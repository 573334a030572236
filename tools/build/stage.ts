import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Loaded when first needed. A bundle of its own, so that a start that does not need it does not read it. */
const LATER = ['shared/azure-sdks.ts'];

/** Leaves `await import('…/azure-sdks.ts')` an import, of the bundle beside. */
const staysOutside: Plugin = {
  name: 'stays-outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/azure-sdks\.ts$/ }, ({ kind, path: file }) =>
      kind === 'dynamic-import' ? { path: `./${bundleOf(file)}`, external: true } : undefined,
    );
  },
};

const bundleOf = (file: string) => `${path.parse(file).name}.cjs`;

/**
 * Our own code keeps its names: a stack in the log is read as it stands, and a name cut short saves nothing at the start
 * that could be measured. What others wrote is several times as large, and nobody reads it.
 */
const OWN = { minifyWhitespace: true, minifySyntax: true };
const FOREIGN = { minify: true, keepNames: true };

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

async function stage(root: string, into: string, entry: string, files: readonly string[]): Promise<void> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  await bundle(path.join(root, entry), path.join(into, 'main.cjs'), OWN);
  for (const file of LATER) await bundle(path.join(root, file), path.join(into, bundleOf(file)), FOREIGN);
  for (const file of files) await cp(path.join(root, file), path.join(into, file));
  await writeFile(path.join(into, 'package.json'), await stagedPackage(root));
}

/** CommonJS as `.cjs`, which the worker loads whatever the package says about modules. */
async function bundle(entry: string, outfile: string, small: BuildOptions): Promise<void> {
  await build({
    ...small,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    mainFields: ['module', 'main'],
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    // The worker supplies this module at run time; it exists nowhere else.
    external: ['@azure/functions-core'],
    plugins: [staysOutside],
    logLevel: 'warning',
  });
}

/** No dependencies: everything is in the bundle, so nothing is to be installed where it runs. */
async function stagedPackage(root: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return `${JSON.stringify({ name, version, license, private: true, main: 'main.cjs' }, undefined, 2)}\n`;
}
