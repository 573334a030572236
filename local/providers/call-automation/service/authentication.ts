import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ManagedIdentity } from '../../../fakes/managed-identity.ts';

/** The signer of a request: a managed identity, or the access key. */
export type Signer = 'identity' | 'access-key';

/**
 * What the SDK's scope `https://communication.azure.com//.default` makes of the resource; the form without the slash
 * is what other SDKs ask for.
 */
const RESOURCES = ['https://communication.azure.com/', 'https://communication.azure.com'];
/** The service publishes no tolerance for the date of a signed request. */
const TOLERANCE_MS = 15 * 60 * 1000;

/** Returns `undefined` where neither of them signed the request. */
export function signerOf(
  request: IncomingMessage,
  body: Buffer,
  { identity, accessKey }: { identity: ManagedIdentity; accessKey: string },
): Signer | undefined {
  const { authorization } = request.headers;
  if (RESOURCES.some((resource) => identity.admits(authorization, resource))) return 'identity';
  return isSigned(request, body, accessKey) ? 'access-key' : undefined;
}

/**
 * The scheme HMAC-SHA256 of Azure Communication Services: the signature covers the method, the path with its query and
 * the values of the headers named, one of which is the hash of the body.
 * https://learn.microsoft.com/azure/communication-services/tutorials/hmac-header-tutorial
 */
function isSigned({ headers, method, url }: IncomingMessage, body: Buffer, accessKey: string): boolean {
  const [, names = '', signature = ''] =
    /^HMAC-SHA256 SignedHeaders=([^&]+)&Signature=(.+)$/.exec(headers.authorization ?? '') ?? [];
  const signed = names.split(';');
  if (!['host', 'x-ms-date', 'x-ms-content-sha256'].every((name) => signed.includes(name))) return false;

  const date = Date.parse(String(headers['x-ms-date']));
  const hash = createHash('sha256').update(body).digest('base64');
  // Negated, so that an invalid date (NaN) fails too.
  if (!(Math.abs(Date.now() - date) <= TOLERANCE_MS)) return false;
  if (headers['x-ms-content-sha256'] !== hash) return false;

  const values = signed.map((name) => headers[name]).join(';');
  const expected = createHmac('sha256', Buffer.from(accessKey, 'base64'))
    .update(`${method}\n${url}\n${values}`)
    .digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
