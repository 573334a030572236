/**
 * Blots out what looks like one of our secrets in text that somebody else wrote: tokens, callback keys, access keys, phone
 * numbers and URIs with a query string. A second line of defence, for errors that carry what they were called with.
 *
 *
 * @returns at most the first 8,192 characters, so that text of somebody else's choosing costs no more than that
 */
export function redact(text: string): string {
  return text
    .slice(0, 8192)
    .replaceAll(/((?:https?|wss?):\/\/[^\s?'"]+)\?[^\s'"]*/g, '$1?[query]')
    .replaceAll(/accesskey=[^;\s"']+/gi, 'accesskey=[key]')
    .replaceAll(/\+\d{6,15}/g, '[phone number]')
    .replaceAll(/eyJ[\w-]+(\.[\w-]*)*/g, '[token]')
    .replaceAll(/v1(\.[\w-]+){4}/g, '[callback key]');
}
