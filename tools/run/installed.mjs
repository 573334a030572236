import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitsMachine } from './machine.mjs';
import { stop } from './say.mjs';

const wantedFile = (root) => join(root, 'package-lock.json');

/** Written by npm when all is done, install scripts included: an interrupted installation has none. */
export const presentFile = (root) => join(root, 'node_modules', '.package-lock.json');

/** Whether node_modules holds what package-lock.json asks for on this machine. More than that is no fault. */
export function isInstalled(root) {
  const wanted = wantedPackages(root);
  let present;
  try {
    present = packagesIn(presentFile(root));
  } catch {
    return false; // not there, or cut off in the middle
  }
  const { dependencies, devDependencies, optionalDependencies } = wanted[''];
  const direct = new Set(
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(folderOf),
  );
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = present[path];
    // npm leaves out what is for another platform or could not be had. Only what package.json itself names is worth
    // an attempt of ours, and only one for each state of the lock.
    if (!found) return optional === true && (!direct.has(path) || wasAttempted(root));
    if (found.version !== version || !fitsMachine(found)) return false;
    // Where the lock has no hash, npm notes the one that it found.
    if (integrity && found.integrity !== integrity) return false;
    const manifest = join(root, path, 'package.json');
    if (!existsSync(manifest)) return false;
    // `npm install --package-lock-only` brings npm's record up to date and leaves the packages as they are. To read
    // them all would cost more than this whole check.
    return !direct.has(path) || JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
}

/** The packages that package-lock.json asks for, on whatever platform, by their folder. */
export function wantedPackages(root) {
  try {
    return packagesIn(wantedFile(root));
  } catch (error) {
    return stop(`package-lock.json cannot be read (${error.message}). Run npm install to mend it.`);
  }
}

/** Notes that npm has done what it can for this state of package-lock.json. */
export function noteAttempt(root) {
  writeFileSync(attemptFile(root), digestOfLock(root));
}

const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

const folderOf = (name) => `node_modules/${name}`;

const attemptFile = (root) => join(root, 'node_modules', '.installed-for');

const digestOfLock = (root) =>
  createHash('sha256')
    .update(readFileSync(wantedFile(root)))
    .digest('hex');

function wasAttempted(root) {
  const file = attemptFile(root);
  return existsSync(file) && readFileSync(file, 'utf8') === digestOfLock(root);
}
