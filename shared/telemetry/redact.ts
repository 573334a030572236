/** Patterns of secrets, and their replacements. Patterns that contain others come first. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // The whole query of a URI.
  [/((?:https?|wss?):\/\/[^\s?'"]+)\?[^\s'"]*/gi, '$1?[query]'],
  // A secret parameter, where the text holds only a part of the URI.
  [/([?&](?:key|ticket|code|sig)=)[^\s&'"]*/gi, '$1[secret]'],
  // Connection strings and signature headers, with or without quotes around name and value.
  [/(accesskey|accountkey|sharedaccesskey|sharedaccesssignature)["'\s]*[=:\s]["'\s]*[^\s;"']+/gi, '$1=[key]'],
  [/(bearer)(?:\s|%20|\+)+[^\s"',;]+/gi, '$1 [token]'],
  [/(?:\+|%2b)\d{6,15}/gi, '[phone number]'],
  // `{"` in base64, with which every token begins.
  [/eyJ[\w+/=.-]+/g, '[token]'],
  [/v1(?:\.[\w-]+){4,}/gi, '[callback key]'],
];

/**
 * Removes what looks like a secret from text that we did not write: tokens, callback keys, access keys, phone numbers and
 * query strings. A second line of defence, for errors that quote their arguments.
 *
 * @returns at most the first 8,192 characters, which bounds the cost of a long text
 */
export function redact(text: string): string {
  return SECRETS.reduce((rest, [secret, left]) => rest.replaceAll(secret, left), text.slice(0, 8192));
}
