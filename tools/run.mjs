/**
 * Runs every npm script: `node tools/run.mjs <file.ts | command of a dependency> [arguments]`.
 * Installs the dependencies if node_modules differs from package-lock.json, then runs the target with a Node that runs
 * TypeScript. Every script therefore works as the first command on a fresh clone. Without a target it only installs,
 * and prints the Node that it chose.
 * Plain JavaScript for Node 20 and newer without dependencies: it runs before they are installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 500;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
/** npm writes it last. */
const installedLock = join(modules, '.package-lock.json');
const windows = process.platform === 'win32';

const [target, ...args] = process.argv.slice(2);
const packages = packagesIn(join(root, 'package-lock.json'));
/** The Node that package-lock.json has for this machine, if any: one of the optional dependencies. */
const [lockedNodePath, lockedNode] =
  Object.entries(packages).find(
    ([, { optional, bin, ...machine }]) => optional && bin?.node && fits(machine),
  ) ?? [];

/** The Node that runs npm. npm puts node_modules/.bin first in PATH, so it need not be the one that runs this file. */
const npmNode = process.env.npm_node_execpath ?? process.execPath;
// A Node in node_modules does not count: an install removes it.
const ownNodes = [npmNode, process.execPath].filter((file) => !file.startsWith(modules)).map(nodeAt);
const ownNode = ownNodes.find(runsTypeScript);

if (!isInstalled()) await install();
const node = ownNode ?? installedNode() ?? stop(noNode());
if (target === undefined) say(`ready: Node ${node.version} (${node.file})`);
else endLike(await run(node.file, [fileOf(target), ...args]));

function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Whether node_modules has every package that package-lock.json asks for on this machine, with the same hash. */
function isInstalled() {
  let installed;
  try {
    installed = packagesIn(installedLock);
  } catch {
    return false; // missing, or not completely written
  }
  return Object.entries(packages).every(([path, wanted]) => {
    // npm leaves out optional packages for other machines, and those that only such packages need.
    if (path === '' || (wanted.optional && !(wanted.os ?? wanted.cpu)) || !fits(wanted)) return true;
    const found = installed[path];
    return (
      found !== undefined &&
      found.version === wanted.version &&
      // npm adds a hash where package-lock.json has none.
      (wanted.integrity === undefined || found.integrity === wanted.integrity) &&
      existsSync(join(root, path, 'package.json'))
    );
  });
}

/** Whether a package is for this machine, by the fields that package-lock.json repeats from its package.json. */
function fits({ os, cpu, libc }) {
  const accepts = (field, value) => field === undefined || [field].flat().includes(value);
  return (
    accepts(os, process.platform) &&
    accepts(cpu, process.arch) &&
    (libc === undefined || accepts(libc, libcOf()))
  );
}

function libcOf() {
  // Without this the report looks up host names.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

async function install() {
  say('installing the dependencies (npm ci)');
  // An interrupted npm ci must not leave a node_modules that looks complete.
  rmSync(installedLock, { force: true });
  const npmArgs = [
    'ci',
    '--ignore-scripts',
    // The user's npm settings and NODE_ENV may leave these out.
    '--include=dev',
    '--include=optional',
    '--include=peer',
    // Versions and hashes are exact, so the cache is as good as the registry.
    '--prefer-offline',
    // Says why it failed, even under `npm --silent test`.
    '--loglevel=error',
  ];
  const options = { cwd: root, env: environmentOfInstall(), stdio: ['ignore', 2, 2] };
  // yarn and pnpm set npm_execpath to themselves.
  const { npm_execpath: npm = '' } = process.env;
  const outcome = /npm-cli\.c?js$/.test(npm)
    ? await run(npmNode, [npm, ...npmArgs], options)
    : await run(windows ? 'npm.cmd' : 'npm', npmArgs, { ...options, shell: windows });
  if (outcome.signal !== null) endLike(outcome);
  else if (outcome.code !== 0)
    stop(`npm ci failed (exit code ${outcome.code}). Run npm ci, then this again.`);
  // npm links the installed Node there, so that npm scripts would start it. It does not start on every machine
  // (Alpine), and Windows cannot delete it at the next npm ci while it runs.
  for (const link of ['node', 'node.cmd', 'node.ps1']) rmSync(join(modules, '.bin', link), { force: true });
}

/**
 * npm leaves out optional packages that do not support the Node it runs on, and has no setting against it. With an
 * old Node npm therefore sees the version of the Node that will run them.
 */
function environmentOfInstall() {
  if (ownNode || !lockedNode) return process.env;
  const version = JSON.stringify({ value: `v${lockedNode.version}`, enumerable: true });
  const preload = encodeURIComponent(`Object.defineProperty(process, 'version', ${version})`);
  const options = `${process.env.NODE_OPTIONS ?? ''} --import=data:text/javascript,${preload}`;
  return { ...process.env, NODE_OPTIONS: options };
}

/** Undefined if there is none for this machine, or if it does not start here. */
function installedNode() {
  if (!lockedNode) return undefined;
  const found = nodeAt(join(root, lockedNodePath, lockedNode.bin.node));
  return runsTypeScript(found) ? found : undefined;
}

function nodeAt(file) {
  if (file === process.execPath) return { file, version: process.versions.node };
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return { file, version: status === 0 ? stdout.trim().replace(/^v/, '') : '0.0.0' };
}

/** Node runs TypeScript without a flag from 22.18 and from 23.6 on. */
function runsTypeScript({ version }) {
  const [major, minor] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

function noNode() {
  const reason = lockedNode
    ? `${lockedNodePath} does not start`
    : `package-lock.json has none for ${process.platform} ${process.arch}`;
  return `Node ${process.versions.node} is too old, and ${reason}. Install Node 24 (or at least 22.18) from https://nodejs.org.`;
}

/** The JavaScript or TypeScript file of a target: a file of the project, or the command of a dependency. */
function fileOf(name) {
  if (/\.[cm]?[jt]s$/.test(name)) return resolve(root, name);
  const [path, found] = Object.entries(packages).find(([, { bin }]) => bin?.[name]) ?? [];
  return found ? join(root, path, found.bin[name]) : stop(`no dependency has a command ${name}.`);
}

/**
 * Runs a program until its end, and passes signals on to it.
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
async function run(file, fileArgs, options = { stdio: 'inherit' }) {
  const child = spawn(file, fileArgs, options);
  const passOn = (signal) => {
    // A terminal sends Ctrl-C to all its processes, as the console of Windows does. A second one may mean "end without
    // cleaning up".
    const sentToAll = windows || (signal === 'SIGINT' && [0, 1, 2].some((fd) => isatty(fd)));
    if (!sentToAll) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, passOn);
  // npm sends SIGTERM to the shell of the script, which ends and tells nobody.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return;
    clearInterval(watch);
    passOn('SIGTERM');
  }, PARENT_POLL_MS);
  const [code, signal] = await once(child, 'exit').catch((error) =>
    stop(`${file} does not start: ${error.message}`),
  );
  clearInterval(watch);
  for (const name of SIGNALS) process.off(name, passOn);
  return { code, signal };
}

/** Ends this process with the exit code or the signal that ended the child. */
function endLike({ code, signal }) {
  if (signal === null) process.exit(code);
  process.kill(process.pid, signal);
  // Reached when the signal is ignored, as nohup does with SIGHUP.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
}

/** To stderr: the output of the target may be piped. */
function say(text) {
  process.stderr.write(`ringward: ${text}\n`);
}

function stop(text) {
  say(text);
  process.exit(1);
}
