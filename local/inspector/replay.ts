import { isReference, newReference } from '../../shared/calls/uris.ts';
import { vonageKinds } from '../../shared/events/vonage.ts';
import { postRaw } from '../http/request.ts';
import type { RawRequest } from '../http/request.ts';
import { openSocket } from '../http/open-socket.ts';
import type { Target } from '../attacks.ts';
import { answeredBy } from '../genuine.ts';
import type { ReplayAction, SendResult } from './contract.ts';
import { DELIVERY_HEADER } from './forward.ts';
import { pathOf } from './stored-delivery.ts';
import type { Kept, RawHeaders } from './stored-delivery.ts';
import { mask, unmask } from './mask.ts';
import type { Recorder } from './recorder.ts';
import { outcome } from './send.ts';
import { textOf } from './serialize.ts';

/** Why a delivery cannot be sent again; shown to whoever asked. */
export class NotReplayable extends Error {}

/** Sends a delivery again, to the app of this process. */
export async function replay(
  { id, how, body: edited }: ReplayAction,
  target: Target,
  recorder: Recorder,
): Promise<SendResult> {
  const delivery = recorder.get(id);
  if (!delivery) throw new NotReplayable(`Delivery ${id} is no longer kept.`);
  const { body } = delivery;
  if (delivery.cut || !body)
    throw new NotReplayable(`Not all of the body of delivery ${id} is kept, so it cannot be sent again.`);
  const bytes = how === 'edited' ? Buffer.from(unmask(edited ?? '', mask(textOf(body) ?? '').values)) : body;
  const asItWas = { ...delivery, body: bytes };
  const again = how === 'as-it-was' ? asItWas : await signedAnew(asItWas, target);

  const started = performance.now();
  const answered = await (delivery.provider === 'media'
    ? openAgain(again, target)
    : postAgain(again, target));
  const milliseconds = performance.now() - started;
  const sent = { 'as-it-was': 'sent again', 'signed-anew': 'signed anew', edited: 'edited' }[how];
  const found = Number(answered.header(DELIVERY_HEADER)) || undefined;
  return outcome(recorder, {
    id: found,
    sent: `${delivery.sent ?? delivery.types[0] ?? `delivery ${id}`}, ${sent}`,
    status: answered.status,
    milliseconds,
    replayOf: id,
  });
}

type Again = Pick<Kept, 'provider' | 'method' | 'target' | 'headers'> & { readonly body: Buffer };

async function postAgain({ method, target: path, headers, body }: Again, { baseUrl }: Target) {
  // The body's length is what it is now; how it came in pieces does not matter.
  const others = headers.filter(([name]) => !/^(connection|content-length|transfer-encoding)$/i.test(name));
  const length = ['content-length', String(body.length)] as const;
  const raw: RawRequest = { origin: baseUrl, method, path, headers: [...others, length], body };
  return answeredBy(await postRaw(raw).catch(() => ({ status: 0, headers: {} })));
}

/** The handshake of a socket has a key of its own each time; everything else of it is sent again. */
async function openAgain({ target: path, headers }: Again, { baseUrl }: Target) {
  const own = /^(host|connection|upgrade|sec-websocket-(key|version|extensions)|x-forwarded-for)$/i;
  const others = headers.filter(([name]) => !own.test(name));
  return openSocket({ url: `${baseUrl.replace(/^http/, 'ws')}${path}`, headers: others });
}

/** The same under new tokens, keys and tickets of whoever sends to that route. */
async function signedAnew(delivery: Again, { cloud, baseUrl, mediaUrl }: Target): Promise<Again> {
  const { acs, entra, eventGrid, vonage } = cloud;
  const { headers, target, provider, body } = delivery;
  const path = pathOf(target);
  switch (provider) {
    case 'call-automation': {
      const uri = await cloud.callbackUris(baseUrl)(referenceIn(target, 'key'));
      const query = withParameter(target, 'key', new URL(uri).searchParams.get('key') ?? '');
      return { ...delivery, target: query, headers: withBearer(headers, acs.token()) };
    }
    case 'media': {
      const uri = await cloud.mediaUris(mediaUrl)('media', referenceIn(target, 'ticket') ?? newReference());
      const query = withParameter(target, 'ticket', new URL(uri).searchParams.get('ticket') ?? '');
      return { ...delivery, target: query, headers: withBearer(headers, acs.mediaToken()) };
    }
    case 'event-grid': {
      const keyed = withHeader(headers, 'x-ringward-key', eventGrid.key);
      const named = headers.some(([name]) => name.toLowerCase() === 'aeg-subscription-name')
        ? keyed
        : withHeader(keyed, 'aeg-subscription-name', eventGrid.subscription.toUpperCase());
      const bearer = withBearer(named, entra.token({ audience: eventGrid.audience }));
      return { ...delivery, target: withoutParameter(target, 'key'), headers: bearer };
    }
    case 'vonage': {
      const kind = vonageKinds.find((one) => path.endsWith(`/${one}`));
      if (!kind) break;
      const [, authorization = ''] =
        vonage.callback(baseUrl, kind, body).headers.find(([name]) => name === 'authorization') ?? [];
      return { ...delivery, headers: withBearer(headers, authorization.replace(/^Bearer /, '')) };
    }
    case 'perimeter':
      return { ...delivery, headers: withBearer(headers, acs.token()) };
    default:
  }
  throw new NotReplayable('Nobody signs what is sent to this path: it can only be sent again as it was.');
}

function withBearer(headers: RawHeaders, token: string): RawHeaders {
  return withHeader(
    headers.filter(([name]) => name.toLowerCase() !== 'authentication'),
    'authorization',
    `Bearer ${token}`,
  );
}

/** In the place of the first of that name, and of the others. */
function withHeader(headers: RawHeaders, name: string, value: string): RawHeaders {
  const at = headers.findIndex(([one]) => one.toLowerCase() === name);
  const others = headers.filter(([one]) => one.toLowerCase() !== name);
  return others.toSpliced(at < 0 ? others.length : at, 0, [name, value]);
}

/** The call reference of a key or a ticket, whatever it was signed with. */
function referenceIn(target: string, parameter: string): string | undefined {
  const value = new URLSearchParams(target.split('?')[1] ?? '').get(parameter) ?? '';
  const reference = value.split('.')[2] ?? '';
  return isReference(reference) ? reference : undefined;
}

function withoutParameter(target: string, name: string): string {
  const [path = '', ...query] = target.split('?');
  const others = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && pair.split('=')[0] !== name);
  return others.length > 0 ? `${path}?${others.join('&')}` : path;
}

function withParameter(target: string, name: string, value: string): string {
  const others = withoutParameter(target, name);
  return `${others}${others.includes('?') ? '&' : '?'}${name}=${value}`;
}
