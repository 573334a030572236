import { createReadStream } from 'node:fs';
import { misused, UsageError } from '../../local/cli.ts';
import { running } from '../../local/running.ts';
import { trustFakes } from '../../local/fakes/trust.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { readEnvironment } from '../doctor/sources.ts';
import { explain } from './explain.ts';
import { explainOptions, type ExplainOptions } from './options.ts';
import { LONGEST_INPUT_BYTES, tooLong } from './read.ts';

/** What `npm run explain` prints, and its exit code. It asks only the issuer and the vault. @throws UsageError */
export async function explainCommand(
  args: readonly string[],
  own: Environment,
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
): Promise<{ text: string; code: number }> {
  const options = explainOptions(args);
  const environment = await environmentOf(options, own);
  const { file } = options;
  if (file === undefined && input.isTTY) {
    console.error(
      'Paste the request, then press Ctrl+D on a line of its own. (A terminal cuts lines of 4,096 characters: keep those in a file.)',
    );
  }
  return explain(await read(file === undefined ? input : createReadStream(file)), {
    ...options,
    environment,
  });
}

async function environmentOf(options: ExplainOptions, own: Environment): Promise<Environment> {
  if (!options.local) return readEnvironment(options.settings, own);
  const found = running();
  if (!found) misused('No npm start runs in this folder. Run it first, or leave --local out.');
  // This process reaches, trusts and signs in to the fake services as the app does.
  await trustFakes(found.environment);
  return found.environment;
}

async function read(input: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of input) {
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
