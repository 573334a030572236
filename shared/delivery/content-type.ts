/**
 * Whether a body of this content type is JSON: `application/json`, `text/json` or anything with the suffix `+json`
 * (RFC 6839), CloudEvents and their batches among them. None at all passes: then the body speaks for itself.
 */
export function isJsonContentType(contentType: string | null): boolean {
  if (contentType === null) return true;
  const end = contentType.indexOf(';');
  const essence = end < 0 ? contentType : contentType.slice(0, end);
  return /^(application|text)\/([\w.-]+\+)?json$/i.test(essence.trim());
}
