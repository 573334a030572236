import { readFileSync } from 'node:fs';
import { misused } from '../../local/cli.ts';
import { decodeText } from '../../local/host/decode-text.ts';
import { parseJsonWithComments, placeIn } from '../../local/host/json-with-comments.ts';
import type { Environment } from '../../shared/settings/table.ts';

/** What the platform sets, so that no file of settings holds it; on a machine of your own you may. */
const BY_THE_PLATFORM = ['AZURE_FUNCTIONS_ENVIRONMENT', 'WEBSITE_HOSTNAME', 'IDENTITY_ENDPOINT'] as const;

/**
 * The settings to go by: the environment, or those in a file with what only the platform sets.
 *
 * @param file a local.settings.json (`{ "Values": { … } }`) or an export (`[{ "name", "value", … }, …]`)
 * @throws UsageError that says what is wrong with the file, and quotes nothing of it
 */
export function readEnvironment(file: string | undefined, own: Environment): Environment {
  if (file === undefined) return own;
  const platform = Object.fromEntries(BY_THE_PLATFORM.map((name) => [name, own[name]]));
  const content = contentOf(file);
  if (Array.isArray(content)) return { ...platform, ...exported(content) };
  const { IsEncrypted: encrypted, Values: values } = (content ?? {}) as Record<string, unknown>;
  if (encrypted === true) misused(`${file} is encrypted. Decrypt it first: func settings decrypt`);
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    misused(
      `${file} is neither a local.settings.json with "Values" nor a list of {"name", "value"}, as az functionapp config appsettings list prints it`,
    );
  }
  // As Core Tools and `npm start -- --bare` have it.
  const development = { AZURE_FUNCTIONS_ENVIRONMENT: own['AZURE_FUNCTIONS_ENVIRONMENT'] ?? 'Development' };
  return { ...platform, ...development, ...texts(Object.entries(values)) };
}

function contentOf(file: string): unknown {
  let text: string;
  try {
    text = decodeText(readFileSync(file));
  } catch (fault) {
    return misused(`${file} cannot be read (${(fault as NodeJS.ErrnoException).code})`);
  }
  try {
    return parseJsonWithComments(text);
  } catch (fault) {
    // The parser's own message quotes the file, which may hold secrets. Its place quotes nothing.
    return misused(`${file} is not JSON${placeIn(fault)}`);
  }
}

const exported = (list: readonly unknown[]) =>
  texts(
    list.map((element) => {
      const { name, value } = (element ?? {}) as Record<string, unknown>;
      return [typeof name === 'string' ? name : '', value];
    }),
  );

function texts(entries: readonly (readonly [string, unknown])[]): Environment {
  const scalar = entries.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(scalar.map(([name, value]) => [name, String(value)]));
}
