import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Loaded when first needed. A bundle of its own, so that a start that does not need it does not read it. */
const SDKS = 'shared/azure-sdks.ts';
/** The app without its registration. Loaded when the platform has been answered. */
const APP = 'functions/app.ts';

/** Leaves `await import('…/azure-sdks.ts')` an import, of the bundle beside. */
const staysOutside: Plugin = {
  name: 'stays-outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/(?:azure-sdks|app)\.ts$/ }, ({ kind, path: file }) =>
      kind === 'dynamic-import' ? { path: `./${bundleOf(file)}`, external: true } : undefined,
    );
  },
};

/** Puts the value of functions/registrations.ts in its place, so that the entry loads no sender. */
const registrationsByValue: Plugin = {
  name: 'registrations-by-value',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]functions[\\/]registrations\.ts$/ }, async ({ path: file }) => {
      const { registrations } = (await import(pathToFileURL(file).href)) as { registrations: unknown };
      return { contents: `export const registrations = ${JSON.stringify(registrations)};` };
    });
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
export const stageApp = (root: string, into: string) =>
  stage(root, into, { 'functions/main.ts': OWN, [APP]: OWN, [SDKS]: FOREIGN }, ['host.json']);

/** The same of the media host: what its container runs. */
export const stageMedia = (root: string, into: string) =>
  stage(root, into, { 'media/main.ts': OWN, [SDKS]: FOREIGN }, []);

async function stage(
  root: string,
  into: string,
  entries: Readonly<Record<string, BuildOptions>>,
  files: readonly string[],
): Promise<void> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  for (const [file, small] of Object.entries(entries)) {
    await bundle(path.join(root, file), path.join(into, bundleOf(file)), small);
  }
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
    // `import()` as `require`: Node's loader of modules would read a CommonJS bundle twice, to find what it exports.
    supported: { 'dynamic-import': false },
    mainFields: ['module', 'main'],
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    // The worker supplies this module at run time; it exists nowhere else.
    external: ['@azure/functions-core'],
    plugins: [staysOutside, registrationsByValue],
    logLevel: 'warning',
  });
}

/** No dependencies: everything is in the bundle, so nothing is to be installed where it runs. */
async function stagedPackage(root: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return `${JSON.stringify({ name, version, license, private: true, main: 'main.cjs' }, undefined, 2)}\n`;
}
