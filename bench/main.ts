import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { installPeers } from './harness/install.ts';
import { asLine, asMarkdown } from './harness/markdown.ts';
import { answerOf, startOn } from './harness/pinned.ts';
import { asSvg } from './harness/plot.ts';
import type { Report } from './harness/report.ts';

// `npm run bench`: every subject, one after the other, each in a process of its own; `npm run bench -- <name>…` runs
// some. Writes a table and its plots to bench/results/ for each. `--long` runs those of memory and of media for as long as
// docs/performance.md does.
//
// Which subjects there are: the file, and its arguments in a run of minutes and in a long one.
const subjects: Readonly<Record<string, { quick: readonly string[]; long: readonly string[] }>> = {
  verification: { quick: [], long: [] },
  requests: { quick: [], long: [] },
  forgeries: { quick: [], long: [] },
  'issuer-requests': { quick: [], long: [] },
  'start-up': { quick: ['20'], long: ['60'] },
  batch: { quick: [], long: [] },
  'full-ledger': { quick: [], long: [] },
  'table-latency': { quick: ['600'], long: ['2000'] },
  'forged-memory': { quick: ['50000'], long: ['1000000'] },
  'delivered-memory': { quick: ['50000'], long: ['1000000'] },
  'media-throughput': { quick: ['500', '12'], long: ['500', '60'] },
  'media-forged': { quick: ['3000', '500'], long: ['10000', '1000'] },
  'media-stall': { quick: ['500', '8'], long: ['500', '30'] },
};

const args = process.argv.slice(2);
const long = args.includes('--long');
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !Object.hasOwn(subjects, name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(subjects).join(', ')}.`);
  process.exit(1);
}

await installPeers();
const results = path.join(import.meta.dirname, 'results');
await mkdir(results, { recursive: true });
const machine = `Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${new Date().toISOString().slice(0, 10)}`;
const chosen = named.length > 0 ? named : Object.keys(subjects);
const targets: string[] = [];
const failed: string[] = [];
const began = performance.now();

for (const [index, name] of chosen.entries()) {
  const started = performance.now();
  console.error(`${index + 1} of ${chosen.length}: ${name}`);
  const file = path.join(import.meta.dirname, `${name}.ts`);
  const child = startOn(undefined, file, subjects[name]?.[long ? 'long' : 'quick']);
  try {
    const { report } = await answerOf<{ report: Report }>(child);
    await write(name, report);
    targets.push(...(report.targets ?? []).map((target) => `${name}: ${asLine(target)}`));
  } catch (fault) {
    failed.push(`${name}: ${(fault as Error).message}`);
  }
  if (child.exitCode === null) child.kill();
  console.error(`  ${Math.round((performance.now() - started) / 1000)} s`);
}

console.log(targets.map((line) => `- ${line}`).join('\n'));
for (const fault of failed) console.log(`- did not run: ${fault}`);
console.error(`${Math.round((performance.now() - began) / 1000)} s in all`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Shows a report, and writes it with its plots. */
async function write(name: string, report: Report): Promise<void> {
  console.log(asMarkdown(report));
  const plots = new Map<string, string>();
  for (const [index, { title, plot }] of report.tables.entries()) {
    if (!plot) continue;
    const file = `${name}-${index + 1}.svg`;
    plots.set(title, file);
    await writeFile(path.join(results, file), asSvg(title, plot));
  }
  const command = `npm run bench -- ${name}${long ? ' --long' : ''}`;
  const about = `${report.about.trim()}\n\n\`${command}\`; ${machine}.`;
  const markdown = asMarkdown({ ...report, about }, ({ title }) => plots.get(title));
  await writeFile(path.join(results, `${name}.md`), markdown);
}
