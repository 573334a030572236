/** A request that somebody has captured, before anything of it is looked at. */
export type Captured = {
  /** Both are absent where only headers and a body were captured. */
  readonly method?: string;
  /** A URL, or a path with its query. */
  readonly target?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** What the reader should know about how it was read. */
  readonly notes: readonly string[];
};

/** What was given cannot be read, or not be asked about. The message says what to do, and quotes next to nothing. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** @throws Unreadable */
export function unreadable(what: string): never {
  throw new Unreadable(what);
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * One header, as HTTP has them (RFC 9110, section 5.5): white space around the value is none of it.
 *
 * @throws Unreadable
 */
export function header(name: string, value: string, where: string): readonly [string, string] {
  if (!TOKEN.test(name))
    unreadable(`${where}: what stands before the colon is no name of a header. Write Name: value.`);
  const trimmed = value.replaceAll(/^[\t ]+|[\t ]+$/g, '');
  // HTTP has none either, so that whoever brings one did not capture it.
  const control = [...trimmed].find((character) => /\p{Cc}/u.test(character) && character !== '\t');
  if (control !== undefined) {
    const code = control.codePointAt(0)?.toString(16).padStart(2, '0');
    unreadable(
      `${where}: the value of ${name} holds the control character 0x${code}, which no request can carry. Capture it again.`,
    );
  }
  return [name, trimmed];
}

const METHOD = /^[A-Z]{1,20}$/;

/** @throws Unreadable */
export const method = (text: string, where: string): string =>
  METHOD.test(text) ? text : unreadable(`${where}: that is no method. Write it in capitals, such as POST.`);
