import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

// The launcher and npm run as real processes on a small project, whose dependencies are archives beside it.

const launcher = path.resolve(import.meta.dirname, '../../tools/run.mjs');
const run = promisify(execFile);
let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ringward-run-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Manifest = { name: string; version: string } & Record<string, unknown>;

async function pack(manifest: Manifest, file: string, content: string): Promise<string> {
  const from = await mkdtemp(path.join(folder, 'package-'));
  await mkdir(path.join(from, 'bin'));
  await writeFile(path.join(from, 'package.json'), JSON.stringify(manifest));
  await writeFile(path.join(from, file), content, { mode: 0o755 });
  await run('npm', ['pack', '--offline'], { cwd: from });
  return `file:${path.join(from, `${manifest.name}-${manifest.version}.tgz`)}`;
}

/** Prints the Node that runs it, as the wrappers below name it, and its arguments. */
const GREET = `console.log(JSON.stringify([process.env.RUN_BY, ...process.argv.slice(2)]));`;

const greeter = (version: string) =>
  pack(
    {
      name: 'greeter',
      version,
      bin: { greet: 'bin/greet.js' },
      scripts: { postinstall: 'node -e "fs.writeFileSync(`script-ran`, ``)"' },
    },
    'bin/greet.js',
    `#!/usr/bin/env node\n${GREET}\n`,
  );

/** A program that is Node in everything but its version. */
const wrapper = (version: string) => `#!/bin/sh
[ "$1" = --version ] && { echo v${version}; exit; }
export RUN_BY=${version}
export NODE_OPTIONS="--import=data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, "version", { value: "v${version}", enumerable: true });` +
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`,
)} $NODE_OPTIONS"
exec ${process.execPath} "$@"
`;

/** A package with a Node for this machine, as the registry has them. npm leaves it out on a Node that is too old. */
const nodePackage = (
  content: string,
  machine = { os: process.platform as string, cpu: process.arch as string },
) =>
  pack(
    {
      name: 'node-here',
      version: '24.99.0',
      bin: { node: 'bin/node' },
      engines: { node: '>=20.10' },
      ...machine,
    },
    'bin/node',
    content,
  );

/** A project with the launcher and a package-lock.json, and without node_modules. */
async function newProject(dependencies: { greeter: string; node: string }): Promise<string> {
  const root = await mkdtemp(path.join(folder, 'project-'));
  await cp(launcher, path.join(root, 'tools/run.mjs'));
  const manifest = {
    name: 'project',
    version: '1.0.0',
    devDependencies: { greeter: dependencies.greeter },
    optionalDependencies: { 'node-here': dependencies.node },
  };
  await writeFile(path.join(root, 'package.json'), JSON.stringify(manifest));
  await run('npm', ['install', '--package-lock-only', '--offline', '--no-audit'], { cwd: root });
  return root;
}

let wrappers = 0;
/** Starts the launcher as npm does that runs on this version of Node. */
async function start(version: string, args: readonly string[], environment: Record<string, string> = {}) {
  const node = path.join(folder, `node-${(wrappers += 1)}`);
  await writeFile(node, wrapper(version));
  await chmod(node, 0o755);
  return spawn(node, [path.join(project, 'tools/run.mjs'), ...args], {
    cwd: project,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      npm_node_execpath: node,
      npm_config_offline: 'true',
      ...environment,
    },
  });
}

async function launch(version: string, args: readonly string[], environment?: Record<string, string>) {
  const child = await start(version, args, environment);
  const ended = once(child, 'close');
  const [output, errors] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => Buffer.concat(await stream.toArray()).toString()),
  );
  const [code, signal] = await ended;
  return {
    output: String(output),
    errors: String(errors),
    code: code as number | null,
    signal: signal as unknown,
  };
}

const INSTALLS = /installing the dependencies/;
const inProject = (...names: string[]) => path.join(project, ...names);

describe.skipIf(process.platform === 'win32')('the launcher', () => {
  let good: { greeter: string; node: string };
  let fresh: string;

  beforeAll(async () => {
    good = { greeter: await greeter('1.0.0'), node: await nodePackage(wrapper('24.99.0')) };
    fresh = await newProject(good);
  });

  async function clone() {
    project = await mkdtemp(path.join(folder, 'clone-'));
    await cp(fresh, project, { recursive: true });
  }

  describe('on a fresh clone', () => {
    beforeEach(clone);

    test('installs without any install script, and only once', async () => {
      // Settings of the user that would leave dependencies out, and let npm fail without a message.
      const settings = {
        NODE_ENV: 'production',
        npm_config_omit: 'optional',
        npm_config_loglevel: 'silent',
        npm_config_ignore_scripts: 'false',
      };
      const first = await launch('20.0.0', ['greet', 'a', '--b'], settings);
      expect(first).toMatchObject({ code: 0, output: '["24.99.0","a","--b"]\n' });
      expect(first.errors).toMatch(INSTALLS);
      await expect(readFile(inProject('node_modules/greeter/script-ran'))).rejects.toThrow('ENOENT');
      // npm scripts go on to start the launcher with the user's own Node.
      await expect(readFile(inProject('node_modules/.bin/node'))).rejects.toThrow('ENOENT');

      const second = await launch('20.0.0', ['greet'], settings);
      expect(second).toMatchObject({ code: 0, output: '["24.99.0"]\n', errors: '' });
    });

    test('uses what npm ci installed', async () => {
      await run('npm', ['ci', '--ignore-scripts', '--offline'], { cwd: project });
      expect(await launch('20.0.0', ['greet'])).toMatchObject({ code: 0, errors: '' });
    });

    test('a failed npm ci ends with its message, and the next run installs', async () => {
      const file = inProject('package-lock.json');
      const lock = await readFile(file, 'utf8');
      const changed = JSON.parse(lock);
      changed.packages['node_modules/greeter'].integrity = `sha512-${randomBytes(64).toString('base64')}`;
      await writeFile(file, JSON.stringify(changed));
      const { code, output, errors } = await launch('24.0.0', ['greet']);
      expect([code, output]).toEqual([1, '']);
      expect(errors).toMatch(/EINTEGRITY[^]*npm ci failed/);
      await writeFile(file, lock);
      expect(await launch('24.0.0', ['greet'])).toMatchObject({ code: 0, output: '["24.0.0"]\n' });
    });
  });

  describe('on an installed project', () => {
    beforeAll(async () => {
      await clone();
      await launch('20.0.0', []);
    });

    test.each<[string, () => Promise<unknown>]>([
      ['a package is missing', () => rm(inProject('node_modules/greeter'), { recursive: true })],
      ['the Node for this machine is missing', () => forget('node_modules/node-here')],
      ['an installation was interrupted', () => rm(inProject('node_modules/.package-lock.json'))],
      ['package-lock.json changed', changeLock],
    ])('installs again when %s', async (_what, change) => {
      await change();
      const again = await launch('20.0.0', ['greet']);
      expect(again).toMatchObject({ code: 0, output: '["24.99.0"]\n' });
      expect(again.errors).toMatch(INSTALLS);
      expect((await launch('20.0.0', ['greet'])).errors).toBe('');
    });

    /** As npm leaves it on another machine. */
    async function forget(name: string) {
      const file = inProject('node_modules/.package-lock.json');
      const lock = JSON.parse(await readFile(file, 'utf8'));
      delete lock.packages[name];
      await writeFile(file, JSON.stringify(lock));
      await rm(inProject(name), { recursive: true });
    }

    async function changeLock() {
      const changed = await newProject({ ...good, greeter: await greeter('1.1.0') });
      for (const name of ['package.json', 'package-lock.json']) {
        await cp(path.join(changed, name), inProject(name));
      }
    }

    test.each([
      ['24.0.0', '24.0.0'],
      ['26.1.0', '26.1.0'],
      ['20.19.0', '24.99.0'],
      ['22.18.0', '22.18.0'],
      ['22.17.1', '24.99.0'],
      ['23.5.0', '24.99.0'],
    ])('npm on Node %s runs the target with Node %s', async (own, used) => {
      await writeFile(inProject('greet.mjs'), GREET);
      expect(await launch(own, ['greet.mjs'])).toMatchObject({ code: 0, output: `["${used}"]\n` });
      expect((await launch(own, [])).errors).toContain(`ready: Node ${used} (`);
    });

    test('a command that no dependency has ends with a message', async () => {
      expect(await launch('24.0.0', ['grete'])).toMatchObject({
        code: 1,
        errors: expect.stringContaining('no dependency has a command grete'),
      });
    });

    test('the exit code is that of the target', async () => {
      await writeFile(inProject('seven.ts'), 'const code: number = 7;\nprocess.exit(code);');
      expect(await launch('24.0.0', ['seven.ts'])).toMatchObject({ code: 7, signal: null });
    });

    test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
      'passes %s on, and ends as the target does',
      async (signal) => {
        const stays = 'setInterval(() => {}, 1000);\nconsole.log("ready");';
        await writeFile(inProject('stays.mjs'), stays);
        await writeFile(
          inProject('cleans-up.mjs'),
          `process.on('${signal}', () => process.exit(5));\n${stays}`,
        );
        const endOf = async (target: string) => {
          const child = await start('24.0.0', [target]);
          const ended = once(child, 'exit');
          // Either it is ready, or it ended.
          await Promise.race([once(child.stdout, 'data'), ended]);
          child.kill(signal);
          return ended;
        };
        expect(await endOf('stays.mjs')).toEqual([null, signal]);
        expect(await endOf('cleans-up.mjs')).toEqual([5, null]);
      },
    );

    test('ends the target when the shell that npm started ends', async () => {
      const target = 'process.on("SIGTERM", () => { console.log("over"); process.exit(); });';
      await writeFile(
        inProject('stays.mjs'),
        `${target}\nsetInterval(() => {}, 1000);\nconsole.log("ready");`,
      );
      // As npm starts scripts; the second command keeps the shell from replacing itself with the first.
      const shell = spawn('sh', ['-c', `"${process.execPath}" tools/run.mjs stays.mjs; exit $?`], {
        cwd: project,
        env: { PATH: process.env['PATH'], npm_lifecycle_event: 'start' },
      });
      let output = '';
      shell.stdout.on('data', (text) => {
        output += String(text);
        if (output === 'ready\n') shell.kill('SIGTERM');
      });
      // The target has the output too, so that this comes when both have ended.
      await once(shell, 'close');
      expect(output).toBe('ready\nover\n');
    });
  });

  describe.each([
    [
      'package-lock.json has no Node for this machine',
      'package-lock.json has none for',
      () => nodePackage(wrapper('24.99.0'), { os: 'aix', cpu: 'ppc64' }),
    ],
    [
      'the Node of package-lock.json does not start',
      'node_modules/node-here does not start',
      () => nodePackage('#!/bin/sh\nexit 127\n'),
    ],
  ])('where %s', (_where, reason, make) => {
    beforeAll(async () => {
      project = await newProject({ ...good, node: await make() });
    });

    test('a Node that runs TypeScript is enough', async () => {
      expect(await launch('22.18.0', ['greet'])).toMatchObject({ code: 0, output: '["22.18.0"]\n' });
    });

    test('an older one ends with one message', async () => {
      const { code, output, errors } = await launch('22.17.1', ['greet']);
      expect([code, output]).toEqual([1, '']);
      expect(errors.trimEnd().split('\n')).toEqual([
        expect.stringMatching(/^ringward: Node 22\.17\.1 is too old, .* Install Node 24 /),
      ]);
      expect(errors).toContain(reason);
    });
  });
});
