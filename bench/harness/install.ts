import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '..');
const lock = path.join(folder, 'package-lock.json');
/** A copy of the lock that was installed. */
const installed = path.join(folder, 'node_modules', '.installed-lock.json');

/** Installs the peers of bench/package-lock.json where they are missing. Runs none of their scripts. */
export async function installPeers(): Promise<void> {
  const wanted = readFileSync(lock, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  console.error('installing the peers of bench/package-lock.json (npm ci --ignore-scripts)');
  const windows = process.platform === 'win32';
  const npm = spawn(windows ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: windows,
  });
  const [code] = await once(npm, 'exit');
  if (code !== 0) throw new Error(`npm ci in bench/ ended with code ${String(code)}`);
  writeFileSync(installed, wanted);
}

/** A package of bench/package.json. The compiler does not know them: they are no dependencies of the project. */
// oxlint-disable-next-line typescript/no-explicit-any
export const peer = (name: string): Promise<any> => import(name);
