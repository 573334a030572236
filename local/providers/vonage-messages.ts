import { randomUUID } from 'node:crypto';
import { HANDLED, HANDLED_BEFORE, send } from '../scenarios/context.ts';
import type { ScenarioContext } from '../scenarios/context.ts';
import { accountRehearsal } from './vonage/account.ts';
import type { AccountSample, VonageAccount } from './vonage/account.ts';
import { bodyForgeries, tokenForgeries } from './vonage/forgeries.ts';

const numbers = { from: '447700900000', to: '442079460000' };
const common = () => ({ message_uuid: randomUUID(), ...numbers, timestamp: new Date().toISOString() });

/** Messages from somebody, as in the published reference. The numbers are fictitious. */
const inbound = {
  sms: () => ({
    channel: 'sms',
    ...common(),
    message_type: 'text',
    text: 'Hello',
    sms: { num_messages: '1' },
    usage: { currency: 'EUR', price: '0.0333' },
  }),
  whatsapp: () => ({
    channel: 'whatsapp',
    ...common(),
    message_type: 'image',
    image: { url: 'https://example.com/image.jpg', name: 'image.jpg', caption: 'A picture' },
    profile: { name: 'Jane Smith' },
    context_status: 'none',
  }),
};

/** The states of a message that was sent. */
const status = {
  submitted: () => ({ ...common(), status: 'submitted', channel: 'sms', client_ref: 'order 7' }),
  delivered: () => ({
    ...common(),
    status: 'delivered',
    channel: 'sms',
    usage: { currency: 'EUR', price: '0.0333' },
    destination: { network_code: '23410' },
  }),
  read: () => ({ ...common(), status: 'read', channel: 'whatsapp' }),
  rejected: () => ({
    ...common(),
    status: 'rejected',
    channel: 'whatsapp',
    error: {
      type: 'https://developer.vonage.com/api-errors/messages#1320',
      title: 1320,
      detail: 'Message rejected',
      instance: randomUUID(),
    },
  }),
};

const posted =
  (kind: 'inbound' | 'status', make: () => object): AccountSample =>
  (account, baseUrl) =>
    account.post(baseUrl, `vonage-messages/${kind}`, make());

const samplesOf = (kind: 'inbound' | 'status', all: Readonly<Record<string, () => object>>) =>
  Object.entries(all).map(([name, make]) => [`vonage-messages-${name}`, posted(kind, make)] as const);

const OF = 'vonage-messages';

/** Vonage Messages: messages from somebody, and the states of those that were sent. */
export const vonageMessages = accountRehearsal({
  name: OF,
  title: 'Vonage Messages',
  samples: Object.fromEntries([...samplesOf('inbound', inbound), ...samplesOf('status', status)]),
  genuine: posted('inbound', inbound.sms),
  forgeries: [
    [
      posted('inbound', inbound.sms),
      { ...tokenForgeries(OF, 'Vonage Messages'), ...bodyForgeries(OF, 'Vonage Messages') },
    ],
  ],
  names: ['message_uuid'],
  scenario: {
    title: 'Vonage Messages: messages arrive, and one that was sent is delivered',
    play: playMessages,
  },
});

async function playMessages(context: ScenarioContext, account: VonageAccount): Promise<void> {
  const { baseUrl } = context;
  for (const [name, make] of Object.entries(inbound)) {
    await send(
      context,
      `inbound: ${name}`,
      account.post(baseUrl, 'vonage-messages/inbound', make()),
      HANDLED,
    );
  }
  for (const [name, make] of Object.entries(status)) {
    await send(context, `status: ${name}`, account.post(baseUrl, 'vonage-messages/status', make()), HANDLED);
  }
  const event = inbound.sms();
  const again = () => account.post(baseUrl, 'vonage-messages/inbound', event);
  const isDone = await send(context, 'inbound', again(), HANDLED);
  await send(context, 'the same under a new token', again(), isDone ? HANDLED_BEFORE : HANDLED);
  const unsigned = { ...again(), headers: [['content-type', 'application/json'] as const] };
  await send(context, 'inbound, unsigned by an error of Vonage', unsigned, {
    status: 503,
    reason: 'callback-unsigned',
  });
}
