import { HostError } from './host-error.ts';
import { readJson } from './app-folder.ts';

/**
 * Sets the `Values` of a local.settings.json, as Core Tools does: what the environment holds already wins, numbers and
 * booleans become text. A file that is not there sets nothing.
 * @returns whether there was a file.
 * @throws HostError for an encrypted file and for one that is not what it should be.
 */
export function loadLocalSettings(path: string, env: NodeJS.ProcessEnv): boolean {
  const file = readJson(path);
  if (!file) return false;
  if (file.IsEncrypted === true) {
    throw new HostError(`${path} is encrypted. Decrypt it first: func settings decrypt`);
  }
  const values = file.Values ?? {};
  if (typeof values !== 'object' || Array.isArray(values))
    throw new HostError(`"Values" in ${path} is no object.`);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) {
      throw new HostError(`"${name}" in ${path} is neither text, nor a number, nor a boolean.`);
    }
    if (value !== null) env[name] ??= String(value);
  }
  return true;
}
