import { answeredBy, DELIVERY_HEADER, postRaw } from '../http/request.ts';
import type { RawRequest } from '../http/request.ts';
import { openSocket } from '../http/sockets.ts';
import type { Resigned } from '../providers/provider.ts';
import type { Target } from '../target.ts';
import type { ReplayAction, SendResult } from './contract.ts';
import { mask, unmask } from './mask.ts';
import { addresseeOf } from './parse-delivery.ts';
import type { Recorder } from './recorder.ts';
import { resultOf } from './send.ts';
import { textOf } from './serialize.ts';
import type { StoredDelivery } from './stored-delivery.ts';

/** Why a delivery cannot be sent again, for the user. */
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
  const again = how === 'as-it-was' ? asItWas : { ...asItWas, ...(await resign(asItWas, target)) };

  const started = performance.now();
  const answered = await (delivery.upgrade ? openAgain(again, target) : postAgain(again, target));
  const milliseconds = performance.now() - started;
  const sent = { 'as-it-was': 'sent again', 'signed-anew': 'signed anew', edited: 'edited' }[how];
  const found = Number(answered.header(DELIVERY_HEADER)) || undefined;
  return resultOf(recorder, {
    id: found,
    sent: `${delivery.sent ?? delivery.types[0] ?? `delivery ${id}`}, ${sent}`,
    status: answered.status,
    milliseconds,
    replayOf: id,
  });
}

type WithBody = StoredDelivery & { readonly body: Buffer };

async function resign(delivery: WithBody, target: Target): Promise<Resigned> {
  const resigned = await addresseeOf(delivery.target).rehearsal?.resign(delivery, target);
  if (!resigned)
    throw new NotReplayable('Nobody signs what is sent to this path: it can only be sent again as it was.');
  return resigned;
}

async function postAgain({ method, target: path, headers, body }: WithBody, { baseUrl }: Target) {
  // An edited body has another length. How it was split into chunks does not matter.
  const others = headers.filter(([name]) => !/^(connection|content-length|transfer-encoding)$/i.test(name));
  const length = ['content-length', String(body.length)] as const;
  const raw: RawRequest = { origin: baseUrl, method, path, headers: [...others, length], body };
  return answeredBy(await postRaw(raw).catch(() => ({ status: 0, headers: {} })));
}

/** Each handshake of a socket has its own key; all else is sent again. */
async function openAgain({ target: path, headers }: WithBody, { baseUrl }: Target) {
  const own = /^(host|connection|upgrade|sec-websocket-(key|version|extensions)|x-forwarded-for)$/i;
  const others = headers.filter(([name]) => !own.test(name));
  return openSocket({ url: `${baseUrl.replace(/^http/, 'ws')}${path}`, headers: others });
}
