import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { wantedPackages } from './installed.mjs';
import { stop } from './say.mjs';

/**
 * The file behind a target: a script of ours, or the command of a dependency as its `bin` field (which
 * package-lock.json repeats) names it.
 *
 * @returns {{ file: string, native: boolean }} `native`: an executable, not JavaScript for Node
 */
export function commandOf(root, target) {
  if (isScript(target)) {
    const file = resolve(root, target);
    return existsSync(file) ? { file, native: false } : stop(`there is no ${target}.`);
  }
  const packages = wantedPackages(root);
  const { dependencies, devDependencies, optionalDependencies } = packages[''];
  const direct = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const path = [...direct.map((name) => `node_modules/${name}`), ...Object.keys(packages)].find(
    (candidate) => packages[candidate]?.bin?.[target],
  );
  if (path === undefined) stop(`no dependency has a command ${target}.`);
  const file = join(root, path, packages[path].bin[target]);
  if (!existsSync(file)) stop(`the command ${target} is missing: ${file}. Run npm ci.`);
  return { file, native: !isScript(file) && !hasNodeShebang(file) };
}

const isScript = (file) => /\.[cm]?[jt]s$/.test(file);

function hasNodeShebang(file) {
  const start = Buffer.alloc(80);
  const fd = openSync(file, 'r');
  readSync(fd, start);
  closeSync(fd);
  return /^#!.*\bnode\b/.test(start.toString('latin1'));
}
