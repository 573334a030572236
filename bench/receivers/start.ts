import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { installPeers } from '../harness/install.ts';
import { startReceiver } from '../../tools/conformance/receiver.ts';
import type { StopReceiver } from '../../tools/conformance/receiver.ts';
import type { Platform, Receiver } from './list.ts';

const modules = path.resolve(import.meta.dirname, '..', 'node_modules');
/** The system's own, which has the packages of its distribution. */
const PYTHON = '/usr/bin/python3';
const PUBLISH = 'publish --disable-build-servers --nologo -v q -c Release --artifacts-path dist -o dist/out';

const platforms: Readonly<
  Record<
    Platform,
    {
      /** For a shell in the folder of the receiver. */
      readonly command: string;
      /** Installs what the receiver in this folder needs. Throws where this machine cannot. */
      install(folder: string): Promise<unknown>;
      versionOf(name: string, folder: string): Promise<string>;
      readonly needs: string;
    }
  >
> = {
  node: {
    command: `"${process.execPath}" server.js`,
    install: installPeers,
    async versionOf(name) {
      return JSON.parse(await readFile(path.join(modules, name, 'package.json'), 'utf8')).version;
    },
    needs: 'the packages of bench/package-lock.json',
  },
  dotnet: {
    command: 'dotnet dist/out/Receiver.dll',
    install: (folder) => run('dotnet', PUBLISH.split(' '), folder),
    async versionOf(name, folder) {
      const project = await readFile(path.join(folder, 'Receiver.csproj'), 'utf8');
      return project.split(`Include="${name}" Version="`)[1]?.split('"')[0] ?? '';
    },
    needs: 'the .NET 10 SDK and NuGet',
  },
  python: {
    command: `${PYTHON} server.py`,
    install: (folder) => run(PYTHON, ['-c', 'import flask, jwt.algorithms, cryptography'], folder),
    versionOf: (name, folder) =>
      run(PYTHON, ['-c', `from importlib.metadata import version; print(version("${name}"))`], folder),
    needs: 'apt-get install python3-flask python3-jwt python3-cryptography',
  },
};

const folderOf = ({ name }: Receiver) => path.join(import.meta.dirname, name);

/**
 * Installs a receiver.
 *
 * @returns each of its packages with its version
 * @throws Error that says what this machine lacks
 */
export async function install(receiver: Receiver): Promise<readonly string[]> {
  const { install, versionOf, needs } = platforms[receiver.platform];
  const folder = folderOf(receiver);
  try {
    await install(folder);
    return await Promise.all(
      receiver.packages.map(async (name) => `${name} ${await versionOf(name, folder)}`),
    );
  } catch (cause) {
    throw new Error(`needs ${needs}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Starts a receiver that is installed, and waits until it listens.
 *
 * @param settings of the sender, by the name of the variable
 * @returns ends it
 */
export async function start(
  receiver: Receiver,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<StopReceiver> {
  const { command } = platforms[receiver.platform];
  // One that ends is started again, as everywhere in production.
  const loop = `cd "${folderOf(receiver)}" && while :; do ${command}; sleep 1; done`;
  return (await startReceiver(loop, `http://127.0.0.1:${port}`, settings)).stop;
}

/** What a program writes. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with code ${String(code)}: ${errors || output}`.trim());
  return output.trim();
}
