import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 500;

/**
 * Starts a child that gets every signal meant for us. While it runs we do not die of one ourselves: the child
 * decides how to end, and we follow.
 *
 * @returns {{ child: import('node:child_process').ChildProcess,
 *             outcome: Promise<{ code: number | null, signal: NodeJS.Signals | null, received?: NodeJS.Signals }> }}
 *   `outcome` rejects when the child could not be started; `received` is the first signal that we got meanwhile.
 */
export function runChild(file, args, options = { stdio: 'inherit' }) {
  const child = spawn(file, args, options);
  let received;
  const forward = (signal) => {
    received ??= signal;
    if (!reachesChildAnyway(signal)) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  const parentWatch = whenNpmIsKilled(() => forward('SIGTERM'));
  const outcome = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, received }));
  }).finally(() => {
    clearInterval(parentWatch);
    for (const signal of SIGNALS) process.off(signal, forward);
  });
  return { child, outcome };
}

/**
 * npm passes SIGTERM on to the shell that it started for the script. Many a shell dies of it without telling us, and
 * a server that nobody can see would stay behind.
 */
function whenNpmIsKilled(then) {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    then();
  }, PARENT_POLL_MS).unref();
  return watch;
}

/**
 * Ctrl-C in a terminal goes to the whole process group, and programs take a second one as "now, without cleaning
 * up". On Windows the console tells all its processes as well, and `kill` would end the child at once.
 */
function reachesChildAnyway(signal) {
  return process.platform === 'win32' || (signal === 'SIGINT' && [0, 1, 2].some((fd) => isatty(fd)));
}

/** Ends this process as the child ended, by the same exit code or the same signal. */
export function leaveLike({ code, signal }) {
  if (signal === null) process.exit(code);
  process.kill(process.pid, signal);
  // Still here when the signal is ignored, as SIGHUP is under nohup.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
}
