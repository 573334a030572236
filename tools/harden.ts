import { abuse } from './harden/abuse.ts';
import { fleets } from './harden/fleets.ts';
import { readOptions, USAGE } from './harden/options.ts';
import type { Part, Tried } from './harden/part.ts';
import { soak } from './harden/soak.ts';
import { vitestPart } from './harden/vitest-part.ts';

// `npm run harden`: what the tests try with small counts, with larger ones, and what no test has the time for. Exits with 0
// where all of it held.

const parts: readonly Part[] = [
  vitestPart('tokens', 'mutated tokens and the vectors, held against jose', [
    'test/shared/verification/token',
  ]),
  vitestPart('requests', 'duplicate, conflicting, huge, chunked, compressed and pipelined requests', [
    'test/harden/abuse.test.ts',
  ]),
  vitestPart(
    'models',
    'key set, vault and ledger through any order of rotations, outages, crashes and waits',
    [
      'test/shared/verification/keys/key-set.model.test.ts',
      'test/shared/secrets/vault-ring.model.test.ts',
      'test/shared/ledger/two-tier.model.test.ts',
    ],
  ),
  fleets,
  abuse,
  soak,
];

const { asked, help, names } = understood();
if (help) {
  console.log(USAGE);
  for (const { name, about } of parts) console.log(`  ${name.padEnd(13)}${about}`);
} else await harden();

function understood(): ReturnType<typeof readOptions> {
  try {
    return readOptions(
      process.argv.slice(2),
      parts.map(({ name }) => name),
    );
  } catch (fault) {
    console.error(`${(fault as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function harden(): Promise<void> {
  console.log(`${asked.extent} form, --seed ${asked.seed}, ${new Date().toISOString()}`);
  const rows: (Tried & { part: string })[] = [];
  for (const { name, about, run } of parts.filter((part) => names.includes(part.name))) {
    console.log(`\n== ${name}: ${about}`);
    const started = performance.now();
    rows.push(...(await triedOf(run)).map((row) => ({ part: name, ...row })));
    console.log(`== ${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  }
  print(rows);
  process.exitCode = rows.every(({ found }) => found.length === 0) ? 0 : 1;
}

/** A part that breaks off has found something, and the others go on. */
async function triedOf(run: Part['run']): Promise<readonly Tried[]> {
  try {
    return await run(asked);
  } catch (thrown) {
    console.error(thrown);
    return [{ what: 'broke off', times: 0, found: [String(thrown)] }];
  }
}

function print(rows: readonly (Tried & { part: string })[]): void {
  const width = (of: (row: (typeof rows)[number]) => string, least: number) =>
    Math.max(least, ...rows.map((row) => of(row).length));
  const [part, what] = [width((row) => row.part, 4), width((row) => row.what, 5)];
  console.log(`\n${'part'.padEnd(part)}  ${'tried'.padEnd(what)}  ${'times'.padStart(9)}  found`);
  for (const row of rows) {
    const [first = 'nothing', ...others] = row.found;
    console.log(
      `${row.part.padEnd(part)}  ${row.what.padEnd(what)}  ${String(row.times).padStart(9)}  ${first}`,
    );
    for (const other of others) console.log(`${' '.repeat(part + what + 15)}${other}`);
  }
  const held = rows.filter(({ found }) => found.length === 0).length;
  console.log(`\n${held} of ${rows.length} held. --seed ${asked.seed}`);
}
