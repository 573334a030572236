import { createReadStream } from 'node:fs';
import { misused, runCommand, UsageError } from '../local/cli.ts';
import { running } from '../local/running.ts';
import { trustFakes } from '../local/fakes/trust.ts';
import type { Environment } from '../shared/settings/table.ts';
import { readEnvironment } from './doctor/sources.ts';
import { explain } from './explain/explain.ts';
import { explainOptions, usage } from './explain/options.ts';
import type { ExplainOptions } from './explain/options.ts';
import { LONGEST_INPUT_BYTES, tooLong } from './explain/read.ts';

// `npm run explain`: shows which check would refuse a captured request, and why. It asks only the issuer and the vault.
await runCommand(usage(), async (args) => {
  const options = explainOptions(args);
  const environment = await environmentOf(options);
  const { text, code } = await explain(await input(options.file), { ...options, environment });
  console.log(text);
  return code;
});

async function environmentOf({ local, settings }: ExplainOptions): Promise<Environment> {
  if (!local) return readEnvironment(settings, process.env);
  const found = running();
  if (!found) misused('No npm start runs in this folder. Run it first, or leave --local out.');
  const { environment } = found;
  // This process reaches, trusts and signs in to the fake services as the app does.
  await trustFakes(environment);
  return environment;
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
    if (fault instanceof UsageError) throw fault;
    misused(`The request cannot be read (${(fault as NodeJS.ErrnoException).code}).`);
  }
  return Buffer.concat(chunks);
}
