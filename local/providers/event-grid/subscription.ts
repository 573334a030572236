import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { envelope } from './envelope.ts';
import type { Envelope, Schema, Told } from './envelope.ts';
import { allows, echoes } from './handshake.ts';
import type { Handshake } from './handshake.ts';
import { send } from './post.ts';
import type { Reply } from './post.ts';
import { messageHeaders, subscriptionHeader } from './headers.ts';
import type { MessageType } from './headers.ts';
import { isFinal, isSuccess, pauseAfter } from './retry.ts';

export type EventGridOptions = {
  /** The ARM id of the topic. */
  readonly topic: string;
  readonly subscriptionName: string;
  readonly schema: Schema;
  /** The endpoint, with its query. */
  readonly url: string;
  /** The delivery attribute `x-ringward-key`. */
  readonly key?: string;
  /** The Entra token of a protected webhook. */
  readonly token?: () => string;
  readonly clock: Clock;
  /** 1 to 30. */
  readonly maxDeliveryAttempts?: number;
  readonly timeToLiveSeconds?: number;
  /** Whether one event goes out in the form of a batch too; several always do. Only CloudEvents differ in that. */
  readonly batching?: boolean;
  /** What OPTIONS carries beside the key; whether the service sends these is not documented. */
  readonly optionsCarries?: {
    readonly name?: boolean;
    readonly token?: boolean;
    readonly callback?: boolean;
  };
};

/** How a delivery ended, after what attempts. */
export type Delivered = {
  readonly outcome: 'delivered' | 'not-retried' | 'attempts-exhausted' | 'time-to-live-over';
  readonly attempts: readonly Reply[];
};

const ORIGIN = 'eventgrid.azure.net';
const DAY = 24 * 3600;

/**
 * Event Grid as the sender of one subscription: its handshake, its deliveries with their headers, and its retries.
 * https://learn.microsoft.com/azure/event-grid/receive-events
 */
export function eventGrid(options: EventGridOptions) {
  const { topic, subscriptionName, schema, url, key, token, clock, batching = false } = options;
  const { maxDeliveryAttempts = 30, timeToLiveSeconds = DAY, optionsCarries = {} } = options;
  const attribute: Record<string, string> = key === undefined ? {} : { 'x-ringward-key': key };
  const authorization = (): Record<string, string> => (token ? { authorization: `Bearer ${token()}` } : {});
  const validationUrl = () =>
    `https://rp-westeurope.eventgrid.azure.net:553/eventsubscriptions/${subscriptionName.toLowerCase()}/validate?id=${randomUUID()}`;

  /** One POST of these events. */
  function post(type: MessageType, events: readonly Envelope[], deliveryCount = 0): Promise<Reply> {
    const batch = schema === 'event-grid' || batching || events.length > 1;
    const message = messageHeaders({ schema, subscriptionName, type, events, batch, deliveryCount });
    const headers = { ...attribute, ...authorization(), ...message };
    return send(url, { method: 'POST', headers, body: JSON.stringify(batch ? events : events[0]) }, clock);
  }

  async function validation(): Promise<Handshake> {
    const secrets = [randomUUID(), validationUrl()] as const;
    const [validationCode] = secrets;
    // The topic of this event goes no further than the subscription in Azure.
    const [account = topic] = /^\/subscriptions\/[^/]+/.exec(topic) ?? [];
    const event = envelope(schema, account, {
      type: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      subject: '',
      data: { validationCode, validationUrl: secrets[1] },
      dataVersion: '2',
    });
    const reply = await post('SubscriptionValidation', [event]);
    return { ...reply, secrets, granted: echoes(reply, validationCode) };
  }

  async function abuseProtection(): Promise<Handshake> {
    const secrets = optionsCarries.callback ? [validationUrl()] : [];
    const headers = {
      ...attribute,
      ...(optionsCarries.token && authorization()),
      ...(optionsCarries.name && subscriptionHeader(subscriptionName)),
      ...(secrets[0] && { 'webhook-request-callback': secrets[0] }),
      'webhook-request-origin': ORIGIN,
      'webhook-request-rate': '120',
    };
    const reply = await send(url, { method: 'OPTIONS', headers }, clock);
    return { ...reply, secrets, granted: allows(reply, ORIGIN) };
  }

  async function deliver(events: readonly Envelope[]): Promise<Delivered> {
    const started = clock.ticks();
    const attempts: Reply[] = [];
    while (attempts.length < maxDeliveryAttempts) {
      const reply = await post('Notification', events, attempts.length);
      attempts.push(reply);
      if (isSuccess(reply.status)) return { outcome: 'delivered', attempts };
      if (isFinal(reply.status)) return { outcome: 'not-retried', attempts };
      if (attempts.length === maxDeliveryAttempts) break;
      await clock.sleep(pauseAfter(reply.status, attempts.length) * 1000);
      // The service looks at the age when the next attempt is due, and no sooner.
      if (clock.ticks() - started >= timeToLiveSeconds * 1000)
        return { outcome: 'time-to-live-over', attempts };
    }
    return { outcome: 'attempts-exhausted', attempts };
  }

  return {
    /** An event of this topic in the schema of this subscription. */
    event: (told: Told): Envelope => envelope(schema, topic, told),
    /** The handshake of the schema, as on creating and on updating the subscription. */
    subscribe: (): Promise<Handshake> => (schema === 'event-grid' ? validation() : abuseProtection()),
    /** One attempt to deliver, whatever comes of it. */
    send: (events: readonly Envelope[], deliveryCount = 0) => post('Notification', events, deliveryCount),
    /** Delivers as often as it takes, and resolves when that is settled; time passes on the clock given. */
    deliver,
    /** Tells that the subscription is deleted. */
    unsubscribe: (): Promise<Reply> =>
      post('SubscriptionDeletion', [
        envelope(schema, topic, {
          type: 'Microsoft.EventGrid.SubscriptionDeletedEvent',
          subject: '',
          data: {
            eventSubscriptionId: `${topic}/providers/Microsoft.EventGrid/eventSubscriptions/${subscriptionName}`,
          },
        }),
      ]),
  };
}

export type EventGrid = ReturnType<typeof eventGrid>;
