import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { misused, parseOptions, runCommand } from '../local/cli.ts';
import { installPeers } from './harness/install.ts';
import { end, messageOf, startOn } from './harness/processes.ts';
import { asLine, asMarkdown } from './harness/report.ts';
import type { Report } from './harness/report.ts';

// `npm run bench` measures every subject, one after the other, each in a process of its own; `npm run bench -- <name>…`
// measures some. Prints a report for each, and writes it to bench/results/. `--long` sends a million requests in the
// subjects of memory, and a minute of media.

/** Each subject is a file, with its arguments in a short run and in a long one. */
const subjects: Readonly<Record<string, { short?: readonly string[]; long?: readonly string[] }>> = {
  verification: {},
  requests: {},
  forgeries: {},
  'issuer-requests': {},
  ring: { short: ['200', '15'], long: ['1000', '40'] },
  scale: { short: ['7'], long: ['21'] },
  'start-up': { short: ['20'], long: ['60'] },
  batch: {},
  vault: {},
  cost: { short: ['500'], long: ['2000'] },
  'instance-size': { short: ['3'], long: ['9'] },
  ledger: { short: ['30'], long: ['150'] },
  'forged-memory': { short: ['50000'], long: ['1000000'] },
  'delivered-memory': { short: ['50000'], long: ['1000000'] },
  receivers: {},
  'media-throughput': { short: ['500', '12'], long: ['500', '60'] },
  'media-forged': { short: ['3000', '500'], long: ['10000', '1000'] },
  'media-stall': { short: ['500', '8'], long: ['500', '30'] },
};

const usage = `npm run bench -- [subject …] [options]
  --long  the long run of each subject: minutes of media, a million requests
  --help  print this and end
The subjects, all of which run where none is named: ${Object.keys(subjects).join(', ')}
It ends with 0, 1 where a subject failed, and 64 where an option was not understood.`;

await runCommand(usage, async (args) => {
  const { length, named } = parseOptions(
    args,
    { options: { long: { type: 'boolean' } }, usage },
    ({ long }, names) => {
      const unknown = names.filter((name) => !Object.hasOwn(subjects, name));
      if (unknown.length > 0) misused(`There is no subject ${unknown.join(', ')}.`);
      return { length: long ? 'long' : 'short', named: names } as const;
    },
  );
  await installPeers();
  const results = path.join(import.meta.dirname, 'results');
  await mkdir(results, { recursive: true });
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${new Date().toISOString().slice(0, 10)}`;
  const chosen = named.length > 0 ? named : Object.keys(subjects);
  const summary: string[] = [];
  let code = 0;
  const began = performance.now();

  for (const [index, name] of chosen.entries()) {
    const started = performance.now();
    console.error(`${index + 1} of ${chosen.length}: ${name}`);
    const child = startOn(undefined, path.join(import.meta.dirname, `${name}.ts`), subjects[name]?.[length]);
    try {
      const { report } = await messageOf<{ report: Report }>(child);
      const command = `npm run bench -- ${name}${length === 'long' ? ' --long' : ''}`;
      const about = `${report.about.trim()}\n\n\`${command}\`; ${machine}.`;
      const markdown = asMarkdown({ ...report, about });
      console.log(markdown);
      await writeFile(path.join(results, `${name}.md`), markdown);
      summary.push(...(report.limits ?? []).map((limit) => `${name}: ${asLine(limit)}`));
    } catch (error) {
      summary.push(`${name}: **failed**: ${(error as Error).message}`);
      code = 1;
    }
    await end(child);
    console.error(`  ${secondsSince(started)} s`);
  }

  for (const line of summary) console.log(`- ${line}`);
  console.error(`${secondsSince(began)} s in total`);
  return code;
});

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}
