/** Text without its secrets, and what stood where each placeholder is, in order. */
export type Masked = { readonly text: string; readonly values: readonly string[] };

/** Matches names in any case. Node 22 lacks the flag `(?i:…)` for a part of a pattern. */
const anyCase = (names: string): string =>
  `(?:${names.replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)})`;

/** Parameters of a query that are secrets, whatever their value looks like. */
const PARAMETERS = anyCase('key|ticket|code|sig|access_token|id_token|token|client_secret|password');
/** Members of JSON that are: who has their value can answer a call, or complete a handshake. */
const MEMBERS = anyCase('incomingCallContext|validationCode|validationUrl|validationResponse');
/** Names of shared keys in connection strings and headers. */
const KEY_NAMES = anyCase('accesskey|accountkey|sharedaccesskey|sharedaccesssignature');
/** A character of a value in a query, in whatever text the query stands. */
const IN_QUERY = String.raw`[^&\s"'\\]`;
/** What may be seen of a callback key or a ticket: all but its MAC. */
const KEY_HEAD = String.raw`v1\.[\w-]{1,16}\.[\w-]{1,64}\.\d{1,16}\.`;

/**
 * Each secret as two groups: what may be seen before it, and what is masked. Those that hold others come first.
 */
const SECRETS = [
  // A placeholder in the text itself would be mistaken for ours.
  String.raw`()(‹masked \d+›)`,
  String.raw`("${MEMBERS}"\s*:\s*")((?:[^"\\]|\\.)+)`,
  `([?&]${PARAMETERS}=${KEY_HEAD})(${IN_QUERY}+)`,
  `([?&]${PARAMETERS}=)(?!${KEY_HEAD}(?!${IN_QUERY}))(${IN_QUERY}+)`,
  `(${KEY_HEAD})(${IN_QUERY}+)`,
  String.raw`(${KEY_NAMES}["'\s]{0,8}[=:\s]["'\s]{0,8})([^\s;"'\\]+)`,
  // `{` in base64, with which the header of every token begins, and on to whatever belongs to it.
  String.raw`()(\bey[A-Z0-9][\w+/=-]{4,}(?:\.[\w+/=-]*)*)`,
  // Three parts of a token whose header has been tampered with. Sought where such a run begins, since looking at each
  // character of a long one again takes hours.
  String.raw`()((?<![\w-])[\w-]{12,}\.[\w-]{12,}\.[\w-]{12,})`,
  String.raw`(\b${anyCase('bearer')}(?:\s|%20|\+)+)([^\s"',;\\]+)`,
] as const;

const ALL = new RegExp(SECRETS.join('|'), 'g');

/** Masks what looks like a secret in text of any origin, so that {@link unmask} can put it back. */
export function mask(text: string): Masked {
  const values: string[] = [];
  const masked = text.replaceAll(ALL, (_found: string, ...groups: unknown[]) => {
    const [seen = '', value = ''] = groups
      .slice(0, 2 * SECRETS.length)
      .filter((group) => group !== undefined);
    values.push(String(value));
    return `${String(seen)}‹masked ${values.length}›`;
  });
  return { text: masked, values };
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

const secretName = new RegExp(`^(?:${PARAMETERS})$`, 'i');
const keyForm = /^v1\.[\w-]{1,16}\.[\w-]{1,64}\.\d{1,16}\./;

function maskParameter(pair: string): string {
  const [name = '', ...rest] = pair.split('=');
  const value = rest.join('=');
  if (value === '') return mask(pair).text;
  if (!secretName.test(decoded(name))) return mask(pair).text;
  const [head = ''] = keyForm.exec(value) ?? [];
  return value === head ? pair : `${name}=${head}‹masked›`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Headers whose whole value is a secret, but for a scheme where they have one. */
const CREDENTIALS = new Set([
  'authorization',
  'authentication',
  'proxy-authorization',
  'x-ringward-key',
  'cookie',
  'set-cookie',
  'sec-websocket-protocol',
  'webhook-request-callback',
]);

/** @returns the value as it may be seen, and whether anything of it is masked */
export function maskHeader(name: string, value: string): { value: string; masked: boolean } {
  const lower = name.toLowerCase();
  if (CREDENTIALS.has(lower)) {
    if (value === '') return { value, masked: false };
    const [, scheme = ''] = /^((?:bearer|basic|digest|negotiate)\s+)(?=\S)/i.exec(value) ?? [];
    return { value: `${scheme}‹masked›`, masked: true };
  }
  const shown = lower === 'x-original-uri' || lower === 'referer' ? maskTarget(value) : mask(value).text;
  return { value: shown, masked: shown !== value };
}
