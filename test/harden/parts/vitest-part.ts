import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Part, Tried } from './part.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');

/**
 * A part that is made of tests, which take their counts and their seed from `test/harden/extent.ts` and tell it what they
 * tried. A test that fails is told of as well.
 *
 * @param files as vitest takes them, beneath the root
 */
export function vitestPart(name: string, about: string, files: readonly string[]): Part {
  return {
    name,
    about,
    async run({ extent, seed }) {
      const folder = await mkdtemp(path.join(tmpdir(), 'ringward-harden-'));
      const report = path.join(folder, 'tried');
      const results = path.join(folder, 'results.json');
      // A run of millions is meant to take long.
      const patience = ['--testTimeout', '0', '--hookTimeout', '0'];
      const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', results];
      const child = spawn(process.execPath, [vitest, 'run', ...patience, ...reporters, ...files], {
        cwd: root,
        env: { ...process.env, HARDEN: extent, HARDEN_SEED: String(seed), HARDEN_REPORT: report },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const code = await new Promise((resolve) => child.once('exit', resolve));
      const told = await linesOf(report);
      const tests = await testsOf(results);
      await rm(folder, { recursive: true });
      const failed = tests.failed.length === 0 && code !== 0 ? ['the tests could not be run'] : tests.failed;
      return [...told, { what: `${files.join(', ')}: tests`, times: tests.run, found: failed }];
    },
  };
}

async function linesOf(report: string): Promise<Tried[]> {
  const text = await readFile(report, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Tried);
}

type Results = {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};

async function testsOf(results: string): Promise<{ run: number; failed: string[] }> {
  const text = await readFile(results, 'utf8').catch(() => '{"testResults":[]}');
  const all = (JSON.parse(text) as Results).testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  return { run: all.filter(({ status }) => status !== 'pending' && status !== 'skipped').length, failed };
}
