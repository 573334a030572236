import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CommandError, misused, parseOptions, runCommand } from '../local/cli.ts';

// `npm run mutate [-- room …]`: changes one thing at a time in the code of a room and sees whether its tests notice. Goes
// on where the last run ended; many minutes. Stryker has packages of its own, which the first run installs.

const ROOMS = ['verification', 'secrets', 'delivery', 'ledger'];
const root = path.dirname(import.meta.dirname);
const home = path.join(import.meta.dirname, 'mutation');
const stryker = path.join(home, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

const usage = `npm run mutate -- [room …]
  --help  print this and end
The rooms, all of which are tried where none is named: ${ROOMS.join(', ')}`;

await runCommand(usage, async (args) => {
  const named = parseOptions(args, { options: {}, usage }, (_values, names) => {
    const unknown = names.filter((room) => !ROOMS.includes(room));
    if (unknown.length > 0) misused(`There is no room ${unknown.join(', ')}.`);
    return names;
  });
  if (!existsSync(stryker)) {
    console.log('installing Stryker as tools/mutation/package-lock.json says (npm ci)');
    await run('npm', ['ci', '--ignore-scripts', '--no-fund', '--loglevel=error'], home);
  }

  for (const room of named.length > 0 ? named : ROOMS) {
    const config = 'tools/mutation/stryker.config.mjs';
    await run(process.execPath, [stryker, 'run', config], root, { RINGWARD_ROOM: room });
  }
  return 0;
});

function run(file: string, args: readonly string[], cwd: string, environment = {}): Promise<void> {
  const env = { ...process.env, ...environment };
  // Only npm is a script on Windows, and none of its arguments are anybody else's.
  const shell = process.platform === 'win32' && file === 'npm';
  return new Promise((resolve, reject) => {
    spawn(file, args, { cwd, env, stdio: 'inherit', shell })
      .once('error', reject)
      .once('exit', (code) =>
        code === 0 ? resolve() : reject(new CommandError(`${file} ended with ${code}`)),
      );
  });
}
