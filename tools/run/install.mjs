import { existsSync, rmSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { runChild, leaveLike } from './child.mjs';
import { takeInstallLock } from './install-lock.mjs';
import { isInstalled, noteAttempt, presentFile, wantedPackages } from './installed.mjs';
import { showProgress } from './progress.mjs';
import { say, stop } from './say.mjs';

/** Runs `npm ci`, unless somebody else just did. Ends the process when that fails. */
export async function install(root) {
  const lock = await takeInstallLock(root);
  if (isInstalled(root)) return lock.release();
  refuseToDeleteOurselves(root);
  say('installing the dependencies as package-lock.json says (npm ci)');

  // npm ci deletes in no particular order: this one first, or half a node_modules could pass for a whole one.
  rmSync(presentFile(root), { force: true });
  const { child, outcome } = startNpm(root);
  if (child.pid) lock.alsoHeldBy(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const finish = showProgress(root, wantedPackages(root));
  const end = await outcome.catch((error) => ({ code: 1, signal: null, message: error.message }));

  // npm answers a signal with exit code 1.
  const signal = end.signal ?? end.received;
  if (signal) {
    finish();
    say('interrupted; the next run installs again.');
    lock.release();
    leaveLike({ signal });
    await new Promise(() => {});
  }
  if (end.code !== 0) {
    finish();
    process.stderr.write(`${worthReading(output)}\n`);
    stop(`npm ci failed${end.message ? ` (${end.message})` : ''}. ${advice(output + end.message)}`);
  }
  finish('dependencies installed');
  noteAttempt(root);
  if (!isInstalled(root))
    say('npm ci left node_modules unlike package-lock.json: is there an npm setting behind it?');
  lock.release();
}

function startNpm(root) {
  const args = [
    'ci',
    // Whatever NODE_ENV and npm's settings say: all of it is needed to work on this project.
    '--include=dev',
    '--include=optional',
    '--include=peer',
    // The lock has exact versions and hashes, so a cached answer is as good as a fresh one.
    '--prefer-offline',
    // Not "silent", even under `npm --silent test`: it has to say why it failed.
    '--loglevel=warn',
  ];
  const env = { ...process.env };
  // npm's own scripts put our .bin first. What is being installed must not run on what is being deleted.
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const bin = join(root, 'node_modules', '.bin');
  env[key] = (env[key] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== bin)
    .join(delimiter);
  const runtime = wantedPackages(root)['node_modules/node'];
  if (runtime) {
    const preload = new URL(`./pose-as-runtime.mjs?v${runtime.version}`, import.meta.url);
    env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --import=${preload}`;
  }
  const options = { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] };

  // yarn and pnpm set npm_execpath too, to themselves.
  const { npm_execpath: npm = '', npm_node_execpath: node = process.execPath } = process.env;
  if (/npm-cli\.c?js$/.test(npm) && existsSync(npm)) return runChild(node, [npm, ...args], options);
  return process.platform === 'win32'
    ? runChild(['npm.cmd', ...args].join(' '), [], { ...options, shell: true })
    : runChild('npm', args, options);
}

/** Windows does not let a running program be deleted, and npm scripts already run on the Node in node_modules. */
function refuseToDeleteOurselves(root) {
  const inside = !relative(join(root, 'node_modules'), process.execPath).startsWith('..');
  if (process.platform === 'win32' && inside)
    stop('package-lock.json has changed. Run npm ci, then this again.');
}

/** Without the page of options that npm adds to a mistake in the lock. */
const worthReading = (output) => output.replace(/^npm \S+ Clean install a project$[^]*/m, '').trim();

function advice(output) {
  if (/ENOENT/.test(output) && /spawn/.test(output))
    return 'Is npm installed? It comes with Node: https://nodejs.org';
  if (/in sync/.test(output)) return 'Run npm install, so that package-lock.json follows package.json.';
  if (/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|network/.test(output)) {
    return 'Check the way to the npm registry (npm ping), then run this again.';
  }
  if (/EACCES|EPERM|EROFS/.test(output)) return 'Check who may write to this folder and to the npm cache.';
  if (/ENOSPC/.test(output)) return 'The disk is full.';
  return 'Above is what npm said. Running this again starts afresh.';
}
