/*
 * What counts as a secret in text of any origin: for the log (`redact.ts`), and for the inspector and the commands on a
 * developer's machine. Text is searched as its reader decodes it: `\u0043` and `%2E` hide nothing.
 */

/** A kind of secret: what stands before it, what only names it, and the secret itself, as regular expressions. */
export type SecretPattern = {
  /** For the place where it was. */
  readonly kind: string;
  readonly before?: string;
  /** Not secret, and hidden only from the log: all of a callback key but its MAC. */
  readonly head?: string;
  readonly secret: string;
};

/** Where a secret lies in a text. */
export type FoundSecret = {
  readonly kind: string;
  /** Where it starts with its head, and without. */
  readonly start: number;
  readonly afterHead: number;
  readonly end: number;
};

/** Parameters of a query or of a form, in lower case. */
const PARAMETERS =
  'key|ticket|code|sig|access_token|id_token|refresh_token|token|client_secret|client_assertion|password';
/** Members of JSON, in lower case: who has their value can answer a call, complete a handshake or sign in. */
const MEMBERS =
  'incomingcallcontext|validationcode|validationurl|validationresponse|access_token|id_token|refresh_token|client_secret|client_assertion|password';
/** Words at the end of a header's name whose value is a secret, such as `x-functions-key`. */
const LAST_WORDS = 'key|token|secret|signature';
const HEADERS = [
  'authorization',
  'authentication',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'sec-websocket-protocol',
  'webhook-request-callback',
  'x-zumo-auth',
];

const parameterName = new RegExp(`^(?:${PARAMETERS})$`, 'i');
const memberName = new RegExp(`^(?:${MEMBERS})$`, 'i');
const headerName = new RegExp(`^(?:${HEADERS.join('|')}|[\\w-]+-(?:${LAST_WORDS}))$`, 'i');

/** @param name decoded */
export const isSecretParameter = (name: string) => parameterName.test(name);
/** @param name decoded */
export const isSecretMember = (name: string) => memberName.test(name) || isSecretHeader(name);
/** The key of a WebSocket handshake is random and authenticates nobody. */
export const isSecretHeader = (name: string) =>
  headerName.test(name) && !/^sec-websocket-(key|accept)$/i.test(name);

/** The flag for it would apply to the whole expression, and its syntax for a part is too new for the platform. */
const anyCase = (words: string) =>
  words.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** All of a callback key or a ticket but its MAC. */
export const KEY_HEAD = String.raw`v1\.[\w-]{1,16}\.[\w-]{1,64}\.\d{1,16}\.`;
/** A character of a value in a query or a form, in whatever text it stands. */
const IN_QUERY = String.raw`[^&\s"'\\]`;
const PARAMETER = String.raw`(?:^|[?&"]|%26|\\u0026)(?:${anyCase(PARAMETERS)})=`;
const HEADER = `(?![sS][eE][cC]-[wW])[\\w-]{1,40}-(?:${anyCase(LAST_WORDS)})|${anyCase('cookie|set-cookie')}`;

/** Looked at before what precedes it, so that a long run of blanks costs little. */
const NO_SPACE = String.raw`(?=\S)`;

/** A quotation mark of JSON, of JSON in a text of JSON, of JavaScript, and of JSON in a query; and the text up to the next one. */
const QUOTED = [
  ['"', String.raw`(?:[^"\\]|\\[^])+`],
  [String.raw`\\"`, String.raw`(?:[^"\\]|\\\\(?:\\[^]|[^\\]))+`],
  ["'", String.raw`(?:[^'\\]|\\[^])+`],
  ['%22', String.raw`(?:(?!%22)${IN_QUERY})+`],
] as const;

/** The first that fits counts, so those that contain others come first. */
const SECRETS: readonly SecretPattern[] = [
  ...QUOTED.map(([mark, secret]) => ({
    kind: 'secret',
    before: String.raw`(?:${mark}|(?<![\w-]))(?:${anyCase(MEMBERS)}|${HEADER})(?:${mark})?(?:\s|\\[nrt]|\+)*:(?:\s|\\[nrt]|\+)*${mark}`,
    secret,
  })),
  {
    kind: 'secret',
    before: String.raw`(?<![\w-])(?:${HEADER})\s{0,8}:\s{0,8}${NO_SPACE}`,
    secret: String.raw`[^\s"'\\][^\r\n"'\\]*`,
  },
  { kind: 'secret', before: PARAMETER, head: KEY_HEAD, secret: `${IN_QUERY}+` },
  { kind: 'secret', before: PARAMETER, secret: `(?!${KEY_HEAD}(?!${IN_QUERY}))${IN_QUERY}+` },
  { kind: 'callback key', head: KEY_HEAD, secret: `${IN_QUERY}+` },
  { kind: 'callback key', secret: String.raw`v1(?:\.[\w-]+){4,}` },
  {
    kind: 'key',
    before: String.raw`(?:${anyCase('accesskey|accountkey|sharedaccesskey|sharedaccesssignature')})["'\s\\]{0,8}[=:\s]["'\s\\]{0,8}${NO_SPACE}`,
    secret: String.raw`[^\s;"'\\]+`,
  },
  {
    kind: 'token',
    before: String.raw`(?:${anyCase('bearer')})(?:\s|%20|\+){1,64}${NO_SPACE}`,
    secret: String.raw`[^\s"',;\\]+`,
  },
  {
    kind: 'password',
    before: String.raw`(?:${anyCase('authorization')})["'\s\\]{0,8}[:=]["'\s\\]{0,8}(?:${anyCase('basic')})\s{1,64}${NO_SPACE}`,
    secret: String.raw`[^\s"',;\\]+`,
  },
  // `{"` in base64, with which every token begins, and `{` before anything else.
  { kind: 'token', secret: String.raw`eyJ[\w+/=.-]+` },
  { kind: 'token', secret: String.raw`\bey[A-Z0-9][\w+/=-]{4,}(?:\.[\w+/=-]*)*` },
  // Three parts of a token whose header was altered. Sought where such a run begins: to look at each character of a long
  // one again takes hours.
  { kind: 'token', secret: String.raw`(?<![\w-])[\w-]{12,}\.[\w-]{12,}\.[\w-]{12,}` },
];

/**
 * Finds what looks like a secret, in its order.
 *
 * @param more patterns that count before all others
 */
export function secretFinder(more: readonly SecretPattern[] = []): (text: string) => readonly FoundSecret[] {
  const patterns = [...more, ...SECRETS];
  const all = new RegExp(
    // What stands before a secret may be one itself, so it is only looked at.
    patterns.map(({ before = '', head = '', secret }) => `(?<=${before})(${head})(${secret})`).join('|'),
    'g',
  );
  return function findSecrets(text) {
    const { plain, indexIn } = decoded(text);
    return Array.from(plain.matchAll(all), ({ index, ...groups }) => {
      // The secret is the second group of its pattern, and never empty.
      const found = patterns.findIndex((_pattern, at) => groups[2 * at + 2] !== undefined);
      return {
        kind: patterns[found]?.kind ?? '',
        start: indexIn(index),
        afterHead: indexIn(index + (groups[2 * found + 1] ?? '').length),
        end: indexIn(index + groups[0].length),
      };
    });
  };
}

/** Escapes of JSON, also in JSON in a text of JSON, and of a URI, however often it was encoded. */
const ESCAPES = /\\{1,8}(?:u([0-9a-f]{4})|\/)|%(?:25){0,3}([0-9a-f]{2})/gi;
/** Visible characters that separate nothing. A decoded separator must not end a secret. */
const PLAIN = /^[!#$(-[\]-~]$/;

/**
 * Text without escapes of plain characters.
 *
 * @returns also the index in the given text for an index in the plain one; to be asked in ascending order
 */
function decoded(text: string): { plain: string; indexIn: (index: number) => number } {
  /** From which index in the plain text on, and by how much the given one is longer. */
  const shifts: { readonly from: number; readonly by: number }[] = [];
  let by = 0;
  const plain = text.replaceAll(ESCAPES, (escape: string, json: string, uri: string, at: number) => {
    const code = json ?? uri;
    const character = code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16));
    if (!PLAIN.test(character)) return escape;
    const from = at - by + 1;
    by += escape.length - 1;
    shifts.push({ from, by });
    return character;
  });
  let next = 0;
  return {
    plain,
    indexIn(index) {
      while ((shifts[next]?.from ?? Infinity) <= index) next++;
      return index + (shifts[next - 1]?.by ?? 0);
    },
  };
}
