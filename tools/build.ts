import { spawnSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, noOthers, parseOptions, runCommand } from '../local/cli.ts';
import { stageApp, stageMedia } from './build/stage.ts';

// `npm run build`: checks the types of what is deployed, then stages exactly that in dist/app and dist/media.
const root = path.resolve(import.meta.dirname, '..');
const usage = `npm run build
  Stages what is deployed in dist/app and dist/media. It takes no options.`;

await runCommand(usage, async (args) => {
  parseOptions(args, { options: {}, usage }, (_values, others) => noOthers(others));
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = spawnSync(process.execPath, [compiler, '--project', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (types.status !== 0) throw new CommandError('Not staged: the types do not check.');
  for (const [folder, stage] of [
    ['app', stageApp],
    ['media', stageMedia],
  ] as const) {
    const into = path.join(root, 'dist', folder);
    await stage(root, into);
    console.log(`Staged in dist/${folder}:`);
    for (const name of await readdir(into)) {
      const { size } = await stat(path.join(into, name));
      console.log(`  ${name.padEnd(20)}${Math.ceil(size / 1024)} KiB`);
    }
  }
  return 0;
});
