import { createReadStream } from 'node:fs';
import { running } from '../local/running.ts';
import { trustFakes } from '../local/fakes/trust.ts';
import { SettingsError } from '../shared/settings/settings.ts';
import type { Environment } from '../shared/settings/table.ts';
import { readEnvironment } from './doctor/sources.ts';
import { Unreadable, unreadable } from './explain/captured.ts';
import { explain } from './explain/explain.ts';
import { explainOptions, usage } from './explain/options.ts';
import type { ExplainOptions } from './explain/options.ts';
import { LONGEST_INPUT_BYTES, tooLong } from './explain/read.ts';
import { printableLines } from './printable.ts';

// `npm run explain`: shows which check would refuse a captured request, and why. It asks only the issuer and the vault.
const MISUNDERSTOOD = 64;
const BROKEN = 70;

try {
  const options = explainOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage());
    leave(0);
  } else {
    const environment = await environmentOf(options);
    const { text, code } = await explain(await input(options.file), { ...options, environment });
    console.log(text);
    leave(code);
  }
} catch (fault) {
  const expected = fault instanceof Unreadable || fault instanceof SettingsError;
  const lines = expected ? fault.message : `This failed, please report it: ${(fault as Error).name}`;
  console.error(printableLines(lines, 400));
  leave(expected ? MISUNDERSTOOD : BROKEN);
}

async function environmentOf({ local, settings }: ExplainOptions): Promise<Environment> {
  if (!local) return fromFile(settings);
  const found = running();
  if (!found) unreadable('No npm start runs in this folder. Run it first, or leave --local out.');
  const { environment } = found;
  // This process reaches, trusts and signs in to the fake services as the app does.
  await trustFakes(environment);
  return environment;
}

function fromFile(file: string | undefined): Environment {
  try {
    return readEnvironment(file, process.env);
  } catch (fault) {
    return unreadable((fault as Error).message);
  }
}

async function input(file: string | undefined): Promise<Buffer> {
  if (file === undefined && process.stdin.isTTY) {
    console.error(
      'Paste the request, then press Ctrl+D on a line of its own. (A terminal cuts lines of 4,096 characters: keep those in a file.)',
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > LONGEST_INPUT_BYTES) tooLong();
    }
  } catch (fault) {
    if (fault instanceof Unreadable) throw fault;
    unreadable(`The request cannot be read (${(fault as NodeJS.ErrnoException).code}).`);
  }
  return Buffer.concat(chunks);
}

/** Connections that a service keeps open must not keep the process; what was printed goes out first. */
function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.exit());
}
