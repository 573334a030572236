/** What looks like a secret, and what is left of it. Those that hold others come first. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // The query of a URI, whatever is in it.
  [/((?:https?|wss?):\/\/[^\s?'"]+)\?[^\s'"]*/gi, '$1?[query]'],
  // A parameter that is a secret, where the text holds no more of the URI than that.
  [/([?&](?:key|ticket|code|sig)=)[^\s&'"]*/gi, '$1[secret]'],
  // Connection strings and the header of a signature, with or without quotes around name and value.
  [/(accesskey|accountkey|sharedaccesskey|sharedaccesssignature)["'\s]*[=:\s]["'\s]*[^\s;"']+/gi, '$1=[key]'],
  [/(bearer)(?:\s|%20|\+)+[^\s"',;]+/gi, '$1 [token]'],
  [/(?:\+|%2b)\d{6,15}/gi, '[phone number]'],
  // `{"` in base64, with which every token begins.
  [/eyJ[\w+/=.-]+/g, '[token]'],
  [/v1(?:\.[\w-]+){4,}/gi, '[callback key]'],
];

/**
 * Blots out what looks like one of our secrets in text that somebody else wrote: tokens, callback keys, access keys, phone
 * numbers and URIs with a query string. A second line of defence, for errors that carry what they were called with.
 *
 * @returns at most the first 8,192 characters, so that text of somebody else's choosing costs no more than that
 */
export function redact(text: string): string {
  return SECRETS.reduce((rest, [secret, left]) => rest.replaceAll(secret, left), text.slice(0, 8192));
}
