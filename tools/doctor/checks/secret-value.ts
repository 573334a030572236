import { strayCharacters } from '../../../shared/secrets/stored-text.ts';
import { SHORT_SECRET_BYTES } from '../../../shared/secrets/vault-versions.ts';
import { fault, warning, well } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { Held } from './vault-answer.ts';

/** Makes a key of 32 random bytes in base64url, which header and query carry unchanged. */
export const NEW_KEY = "openssl rand -base64 32 | tr '+/' '-_' | tr -d '='";

/** The operator makes this key, so it must be long. The deployed app never uses a short one. */
export function judgeKey(held: Held): Finding {
  const mend = `add a version of 32 random bytes: ${NEW_KEY}`;
  return (
    troubleOf(held) ?? (isShort(held) ? fault(held.check, tooShort, mend) : (strayOf(held) ?? fine(held)))
  );
}

/**
 * A secret that is set at the sender, which may accept short ones, or choose one itself.
 *
 * @param setIn where it is set
 */
export function judgeChosenSecret(setIn: string) {
  return (held: Held): Finding => {
    const mend = `choose one of 32 characters or more in ${setIn}, and add it as a version`;
    return (
      troubleOf(held) ?? (isShort(held) ? warning(held.check, tooShort, mend) : (strayOf(held) ?? fine(held)))
    );
  };
}

/** @param endpoint of the resource that the connection string must belong to */
export function judgeConnectionString(endpoint: string | undefined) {
  return (held: Held): Finding => {
    const trouble = troubleOf(held);
    if (trouble) return trouble;
    const mend = 'add a version: az communication list-key --query primaryConnectionString';
    const stray = strayOf(held);
    if (stray) return stray;
    const [, stated = ''] = /^endpoint=(https:\/\/[^;]+);accesskey=\S+$/i.exec(held.value ?? '') ?? [];
    if (!URL.canParse(stated)) {
      return fault(held.check, 'is no connection string of Communication Services', mend);
    }
    const isOurs = endpoint !== undefined && new URL(stated).host === new URL(endpoint).host;
    return isOurs ? fine(held) : fault(held.check, 'is of another resource than ACS_ENDPOINT', mend);
  };
}

const tooShort = `is shorter than ${SHORT_SECRET_BYTES} bytes`;
const isShort = ({ value = '' }: Held) => Buffer.byteLength(value.trim() && value) < SHORT_SECRET_BYTES;
const strayOf = ({ check, value = '' }: Held) => {
  const stray = strayCharacters(value);
  return stray === undefined
    ? undefined
    : warning(check, `has ${stray}`, 'if that is not meant, add a version without it: docs/secrets.md');
};
const fine = ({ check, versions = 'there' }: Held) => well(check, versions);
const troubleOf = ({ check, trouble, mend = '' }: Held) =>
  trouble === undefined ? undefined : fault(check, trouble, mend);
