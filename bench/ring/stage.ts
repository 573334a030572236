import { build } from 'esbuild';
import { cp, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stageApp } from '../../tools/build/stage.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Answers, and says in the request when it began. */
const HANDLER = `
  export const calls = {
    incoming: (_event, { ring }) => ring.answer({ operationContext: String(performance.timeOrigin + performance.now()) }),
  };
`;

/** Stages the app with a handler of the bench, as it is deployed. */
export async function stageRinging(folder: string): Promise<string> {
  const project = path.join(folder, 'project');
  for (const part of ['functions', 'shared', 'host.json', 'package.json']) {
    await cp(path.join(root, part), path.join(project, part), { recursive: true });
  }
  await symlink(path.join(root, 'node_modules'), path.join(project, 'node_modules'), 'junction');
  // The app imports the handlers of every sender, and only calls are measured.
  await cp(path.join(root, 'handlers'), path.join(project, 'handlers'), { recursive: true });
  await writeFile(path.join(project, 'handlers', 'calls.ts'), HANDLER);
  await stageApp(project, path.join(folder, 'staged'));
  return path.join(folder, 'staged');
}

/** Bundles a file of this folder for a process that starts as fast as it can: minified CommonJS, as the app is. */
export async function bundled(folder: string, file: string, withTable = false): Promise<string> {
  const outfile = path.join(folder, `${path.parse(file).name}${withTable ? '-table' : ''}.cjs`);
  await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    external: ['@azure/functions-core'],
    define: { WITH_TABLE: String(withTable), 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  return outfile;
}
