import { runCommand } from '../../local/cli.ts';
import { abuse } from './parts/abuse.ts';
import { fleets } from './parts/fleets.ts';
import { readOptions, usageOf } from './options.ts';
import type { Asked, Part, Tried } from './parts/part.ts';
import { removeTemporaryFolders } from '../support/temporary-folder.ts';
import { slots } from './parts/slots.ts';
import { soak } from './parts/soak.ts';
import { vitestPart } from './parts/vitest-part.ts';

// `npm run harden`: repeats tests with larger counts, and tries what no test has the time for.

const parts: readonly Part[] = [
  vitestPart('tokens', 'mutated tokens and vectors, whose verdicts are compared with those of jose', [
    'test/shared/verification/differential',
    'test/shared/verification/vectors',
  ]),
  vitestPart('requests', 'duplicate, conflicting, huge, chunked, compressed and pipelined requests', [
    'test/harden/abuse.test.ts',
  ]),
  vitestPart('flood', 'forged requests, whose refusals are summed in the log', ['test/harden/flood.test.ts']),
  vitestPart(
    'models',
    'key set, vault and ledger through any order of rotations, outages, crashes and waits',
    [
      'test/shared/verification/key-set.model.test.ts',
      'test/shared/secrets/vault-versions.model.test.ts',
      'test/shared/ledger/two-tier.model.test.ts',
    ],
  ),
  vitestPart(
    'leases',
    'two instances and one table, while one stands still, is cut off, has a slow table or a wrong clock',
    ['test/harden/two-instances.test.ts'],
  ),
  fleets,
  abuse,
  slots,
  soak,
];

const usage = usageOf(parts);

await runCommand(usage, async (args) => {
  const known = parts.map(({ name }) => name);
  const { asked, names } = readOptions(args, known, usage);
  console.log(`${asked.extent} form, --seed ${asked.seed}, ${new Date().toISOString()}`);
  const rows: (Tried & { part: string })[] = [];
  for (const { name, about, run } of parts.filter((part) => names.includes(part.name))) {
    console.log(`\n== ${name}: ${about}`);
    const started = performance.now();
    rows.push(...(await triedOf(run, asked)).map((row) => ({ part: name, ...row })));
    console.log(`== ${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  }
  print(rows, asked);
  await removeTemporaryFolders();
  return rows.every(({ found }) => found.length === 0) ? 0 : 1;
});

/** A part that breaks off has found something, and the others go on. */
async function triedOf(run: Part['run'], asked: Asked): Promise<readonly Tried[]> {
  try {
    return await run(asked);
  } catch (thrown) {
    console.error(thrown);
    return [{ what: 'broke off', times: 0, found: [String(thrown)] }];
  }
}

function print(rows: readonly (Tried & { part: string })[], asked: Asked): void {
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
