import { answeredBy, DELIVERY_HEADER, postRaw } from '../http/request.ts';
import type { RawRequest } from '../http/request.ts';
import { openSocket } from '../http/sockets.ts';
import type { Target } from '../target.ts';
import type { ReplayAction, SendResult } from './contract.ts';
import { mask, unmask } from './mask.ts';
import { addresseeOf } from './parse-delivery.ts';
import type { Recorder } from './recorder.ts';
import { resultOf } from './send.ts';
import { textOf } from './serialize.ts';
import { NotReplayable } from './stored-delivery.ts';
import type { StoredDelivery } from './stored-delivery.ts';

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
  const bytes = edited === undefined ? body : Buffer.from(unmask(edited, mask(textOf(body) ?? '').values));
  const again = await changed({ ...delivery, body: bytes }, how, target);

  const started = performance.now();
  const answered = await (delivery.upgrade ? openAgain(again, target) : postAgain(again, target));
  const milliseconds = performance.now() - started;
  const what = {
    'as-it-was': 'sent again',
    'signed-anew': 'signed anew',
    'as-a-new-event': 'as a new event',
  };
  const name = delivery.sent ?? shortType(delivery) ?? `delivery ${id}`;
  const found = Number(answered.header(DELIVERY_HEADER)) || undefined;
  return resultOf(recorder, {
    id: found,
    sent: [name, edited !== undefined && 'edited', what[how]].filter(Boolean).join(', '),
    status: answered.status,
    milliseconds,
    replayOf: id,
  });
}

/** `IncomingCall`, of `Microsoft.Communication.IncomingCall`. */
const shortType = ({ types }: StoredDelivery) => types[0]?.split('.').at(-1);

type WithBody = StoredDelivery & { readonly body: Buffer };

async function changed(delivery: WithBody, how: ReplayAction['how'], target: Target): Promise<WithBody> {
  if (how === 'as-it-was') return delivery;
  const { rehearsal } = addresseeOf(delivery.target);
  if (!rehearsal)
    throw new NotReplayable(
      'No sender signs what is sent to this path: it can only be sent again as it was.',
    );
  const renewed = how === 'as-a-new-event' ? await rehearsal.renew(delivery, target) : delivery;
  if (!renewed)
    throw new NotReplayable('This delivery brings no event that could be a new one: replay it signed anew.');
  const unsigned = { ...delivery, ...renewed, body: Buffer.from(renewed.body) };
  const signed = await rehearsal.resign(unsigned, target);
  if (!signed)
    throw new NotReplayable(
      'No sender signs what is sent to this path: it can only be sent again as it was.',
    );
  return { ...unsigned, ...signed };
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
