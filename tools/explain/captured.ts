import { misused } from '../../local/cli.ts';

/** A captured request, before anything is checked. */
export type Captured = {
  /** Both are absent where only headers and a body were captured. */
  readonly method?: string;
  /** A URL, or a path with its query. */
  readonly target?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** What the user should know about how it was read. */
  readonly notes: readonly string[];
};

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * One header. White space around the value is not part of it (RFC 9110, section 5.5).
 *
 * @throws UsageError
 */
export function header(name: string, value: string, where: string): readonly [string, string] {
  if (!TOKEN.test(name))
    misused(`${where}: what stands before the colon is no name of a header. Write Name: value.`);
  const trimmed = value.replaceAll(/^[\t ]+|[\t ]+$/g, '');
  // HTTP forbids them, so the capture is not faithful.
  const control = [...trimmed].find((character) => /\p{Cc}/u.test(character) && character !== '\t');
  if (control !== undefined) {
    const code = control.codePointAt(0)?.toString(16).padStart(2, '0');
    misused(
      `${where}: the value of ${name} holds the control character 0x${code}, which no request can carry. Capture it again.`,
    );
  }
  return [name, trimmed];
}

const METHOD = /^[A-Z]{1,20}$/;

/** @throws UsageError */
export const method = (text: string, where: string): string =>
  METHOD.test(text) ? text : misused(`${where}: that is no method. Write it in capitals, such as POST.`);
