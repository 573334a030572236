import { callbackOf, vonage } from '../../../../local/providers/vonage/index.ts';
import { mediaForgeries } from '../../../../local/providers/call-automation/forgeries/media.ts';
import { callback, newCall } from '../../../../local/providers/call-automation/requests.ts';
import { incomingCall } from '../../../../local/providers/event-grid/index.ts';
import type { Forgery, ForgeryFamily } from '../../../../local/providers/forgery.ts';
import { providers } from '../../../../local/providers/index.ts';
import { targetOf } from '../../../../local/http/request.ts';
import type { OutgoingRequest, RawRequest } from '../../../../local/http/request.ts';
import type { Target } from '../../../../local/target.ts';
import type { Reason } from '../../../../shared/reasons.ts';
import type { Fleet } from '../../fleet.ts';

type Forged = { readonly family: ForgeryFamily; readonly forgery: Forgery };

const forgeries: readonly Forged[] = providers
  .flatMap((provider) => provider.forgeries)
  // An app has no sockets.
  .filter(({ name }) => !(name in mediaForgeries))
  .flatMap((family) => family.members.map((forgery) => ({ family, forgery })))
  .filter(({ forgery }) => !forgery.afterGenuine);

const refusedFor = (...reasons: readonly Reason[]) =>
  forgeries.filter(({ forgery }) => reasons.includes(forgery.expected.reason));

/** What costs an app the most comes as often as everything else together. */
const FAMILIES: readonly (readonly Forged[])[] = [
  refusedFor('token-key-unknown'),
  refusedFor('callback-key-unknown-id'),
  refusedFor('token-signature'),
  refusedFor('token-project'),
  forgeries,
  forgeries,
  forgeries,
  forgeries,
];
/** How many of the forgeries come in chunks, without a length. */
const CHUNKED = 1 / 8;
/** Verified but for the body: in chunks such a request is one of a genuine sender behind a proxy, and raises an alert. */
const NEEDS_BODY: readonly Reason[] = ['payload-hash-wrong', 'topic-not-allowed'];

const chosen = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** A forged request of any family. */
export async function forgedRequest(target: Target, random: () => number): Promise<RawRequest> {
  const { family, forgery } = chosen(chosen(FAMILIES, random), random);
  const request = forgery.forge(await family.genuine(target));
  const { status, reason } = forgery.expected;
  return raw(request, random() < CHUNKED && status === 401 && !NEEDS_BODY.includes(reason));
}

/** A genuine request: three callbacks for each incoming call and each callback of Vonage. */
export async function genuineRequest(fleet: Fleet, turn: number): Promise<RawRequest> {
  const { cloud } = fleet;
  const url = fleet.urlOf(0);
  if (turn % 5 === 3) return raw(incomingCall(cloud, url));
  if (turn % 5 === 4) return raw(callbackOf('archive', cloud.of(vonage), url));
  return raw(callback(cloud.acs, fleet.at(await fleet.callbackUri(), 0), [newCall().event('PlayCompleted')]));
}

function raw({ url, method = 'POST', headers, body }: OutgoingRequest, isChunked = false): RawRequest {
  const { host, origin } = new URL(url);
  const bytes = Buffer.from(body);
  const framing = isChunked ? ['transfer-encoding', 'chunked'] : ['content-length', String(bytes.length)];
  return {
    origin,
    method,
    path: targetOf(url),
    headers: [['host', host], framing as [string, string], ...headers],
    body: bytes,
  };
}
