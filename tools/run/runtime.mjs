import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stop } from './say.mjs';

/**
 * The Node that runs our TypeScript: the one the dependency `node` brought along (the version that Azure runs), else
 * the one that runs this, if it is new enough. Ends the process when neither will do.
 *
 * @returns {{ file: string, version: string, brought: boolean }}
 */
export function findRuntime(root) {
  const file = broughtAlong(root);
  const version = provenVersion(root, file);
  if (version) return { file, version, brought: true };
  if (runsTypeScript(process.versions.node)) {
    return { file: process.execPath, version: process.versions.node, brought: false };
  }
  stop(
    `Node ${process.versions.node} is too old, and npm brought none along that runs here (are install scripts ` +
      'off?): install Node 24 from https://nodejs.org and run this again.',
  );
}

/** Makes the next `findRuntime` try again whether the runtime starts. */
export function mistrustRuntime(root) {
  rmSync(proofFile(root), { force: true });
}

const broughtAlong = (root) =>
  join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const proofFile = (root) => join(root, 'node_modules', '.runtime-proof');

/**
 * That the file is there does not say that it starts: a node_modules shared with a container of another libc has one
 * that does not. Asking costs a process, so the answer is kept, for this very file on this very host.
 */
function provenVersion(root, file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (process.execPath === file) return process.versions.node;
  const subject = `${hostname()} ${stat.size} ${stat.ctimeMs}`;
  try {
    const [version, provenSubject] = readFileSync(proofFile(root), 'utf8').split('\n');
    if (provenSubject === subject) return version;
  } catch {
    // Not asked yet.
  }
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  const version = stdout?.trim().replace(/^v/, '');
  if (status !== 0 || !runsTypeScript(version)) return undefined;
  try {
    writeFileSync(proofFile(root), `${version}\n${subject}`);
  } catch {
    // A read-only node_modules: asked again next time.
  }
  return version;
}

/** Type stripping needs no flag from 22.18 and from 23.6 on. */
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}
