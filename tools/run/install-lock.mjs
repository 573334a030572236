import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './say.mjs';

const POLL_MS = 200;
const TOUCH_MS = 2_000;
const SILENT_MS = 30_000;

/**
 * Waits until nobody else installs into this tree: `npm ci` empties node_modules first, so two at once would pull the
 * tree from under each other. The lock is a file beside node_modules, as npm ci would delete one inside.
 *
 * @returns {Promise<{ alsoHeldBy(pid: number): void, release(): void }>} released at the latest when we exit.
 *   `alsoHeldBy` names the npm process: it goes on installing when we are killed.
 */
export async function takeInstallLock(root) {
  const file = join(root, '.installing');
  let watched;
  while (!create(file)) {
    const held = look(file);
    if (held && isStale(held, watched)) takeAway(file, held.text);
    else {
      if (!watched) say('another process is installing the dependencies: waiting for it');
      if (held?.touched !== watched?.touched || held?.text !== watched?.text)
        watched = { ...held, since: Date.now() };
      await sleep(POLL_MS);
    }
  }
  const touch = setInterval(() => utimesSync(file, new Date(), new Date()), TOUCH_MS).unref();
  const release = () => {
    clearInterval(touch);
    process.off('exit', release);
    rmSync(file, { force: true });
  };
  process.on('exit', release);
  return { alsoHeldBy: (pid) => writeFileSync(file, holders([process.pid, pid])), release };
}

const holders = (pids) => JSON.stringify({ host: hostname(), pids });

function create(file) {
  try {
    writeFileSync(file, holders([process.pid]), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** Undefined when the lock has just gone. */
function look(file) {
  try {
    return { text: readFileSync(file, 'utf8'), touched: statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

/**
 * Left behind by a process that was killed: all who held it are gone, or (another host's, or a number that someone
 * else has by now) nobody touched it for a while. By our own watching, as clocks differ and laptops sleep.
 */
function isStale(held, watched) {
  if (held.touched === watched?.touched && Date.now() - watched.since > SILENT_MS) return true;
  try {
    const { host, pids } = JSON.parse(held.text);
    return host === hostname() && pids.every((pid) => !isAlive(pid));
  } catch {
    return false; // being written at this moment
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Moves the stale lock aside before deleting it: who is late must not delete the lock of who was first. */
function takeAway(file, staleText) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== staleText) linkSync(aside, file);
  } catch {
    // Somebody else took it away.
  } finally {
    rmSync(aside, { force: true });
  }
}
