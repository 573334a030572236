import { isSecretHeader, isSecretParameter, KEY_HEAD, secretFinder } from '../../shared/telemetry/secrets.ts';

/** Text without its secrets, and what stood where each placeholder is, in order. */
export type Masked = { readonly text: string; readonly values: readonly string[] };

// A placeholder in the text itself would be mistaken for ours.
const secretsIn = secretFinder([{ kind: 'placeholder', secret: String.raw`‹masked \d+›` }]);

/** Masks what looks like a secret in text of any origin, so that {@link unmask} can put it back. */
export function mask(text: string): Masked {
  const values: string[] = [];
  let masked = '';
  let done = 0;
  for (const { afterHead, end } of secretsIn(text)) {
    values.push(text.slice(afterHead, end));
    masked += `${text.slice(done, afterHead)}‹masked ${values.length}›`;
    done = end;
  }
  return { text: masked + text.slice(done), values };
}

/** Puts back what was masked, wherever a placeholder is left in the text. */
export function unmask(text: string, values: readonly string[]): string {
  return text.replaceAll(
    /‹masked (\d+)›/g,
    (placeholder, number) => values[Number(number) - 1] ?? placeholder,
  );
}

/** Path and query with their secrets masked. Names of parameters are compared as the app reads them, decoded. */
export function maskTarget(target: string): string {
  const at = target.indexOf('?');
  if (at < 0) return mask(target).text;
  const query = target
    .slice(at + 1)
    .split('&')
    .map(maskParameter);
  return `${mask(target.slice(0, at)).text}?${query.join('&')}`;
}

const keyHead = new RegExp(`^${KEY_HEAD}`);

function maskParameter(pair: string): string {
  const [name = '', ...rest] = pair.split('=');
  const value = rest.join('=');
  if (value === '') return mask(pair).text;
  if (!isSecretParameter(decoded(name))) return mask(pair).text;
  const [head = ''] = keyHead.exec(value) ?? [];
  return value === head ? pair : `${name}=${head}‹masked›`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** @returns the value as it may be seen, and whether anything of it is masked */
export function maskHeader(name: string, value: string): { value: string; masked: boolean } {
  const lower = name.toLowerCase();
  if (isSecretHeader(lower)) {
    if (value === '') return { value, masked: false };
    const [, scheme = ''] = /^((?:bearer|basic|digest|negotiate)\s+)(?=\S)/i.exec(value) ?? [];
    return { value: `${scheme}‹masked›`, masked: true };
  }
  const shown = lower === 'x-original-uri' || lower === 'referer' ? maskTarget(value) : mask(value).text;
  return { value: shown, masked: shown !== value };
}
