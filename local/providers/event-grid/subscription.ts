import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { envelope, messageHeaders, subscriptionHeader } from './envelope.ts';
import type { Envelope, EventContent, MessageType, Schema } from './envelope.ts';
import { isFinal, isSuccess, pauseAfter, send } from './send.ts';
import type { Reply } from './send.ts';

export type SubscriptionOptions = {
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
  /** What the cloud calls itself in the handshake of CloudEvents. */
  readonly origin?: string;
  /** 1 to 30. */
  readonly maxDeliveryAttempts?: number;
  readonly timeToLiveSeconds?: number;
  /** Whether a single CloudEvent is sent as a batch too. Several always are. */
  readonly batching?: boolean;
  /** What OPTIONS carries beside the key. Whether the service sends these is not documented. */
  readonly optionsCarries?: {
    readonly name?: boolean;
    readonly token?: boolean;
    readonly callback?: boolean;
  };
};

/** The end of a delivery, and its attempts. */
export type Delivered = {
  readonly outcome: 'delivered' | 'not-retried' | 'attempts-exhausted' | 'time-to-live-over';
  readonly attempts: readonly Reply[];
};

const DAY_SECONDS = 24 * 3600;

/**
 * Event Grid as the sender of one subscription: its handshake, its deliveries with their headers, and its retries.
 * https://learn.microsoft.com/azure/event-grid/receive-events
 */
export function eventGridSubscription(options: SubscriptionOptions) {
  const { topic, subscriptionName, schema, url, key, token, clock, batching = false } = options;
  const { maxDeliveryAttempts = 30, timeToLiveSeconds = DAY_SECONDS, optionsCarries = {} } = options;
  const { origin = 'eventgrid.azure.net' } = options;
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
    // The topic of this event is only the Azure subscription.
    const [account = topic] = /^\/subscriptions\/[^/]+/.exec(topic) ?? [];
    const data = { validationCode, validationUrl: secrets[1] };
    const event = envelope(schema, account, {
      type: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      subject: '',
      data: schema === 'event-grid' ? data : JSON.stringify(data),
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
      'webhook-request-origin': origin,
      'webhook-request-rate': '120',
    };
    const reply = await send(url, { method: 'OPTIONS', headers }, clock);
    return { ...reply, secrets, granted: allows(reply, origin) };
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
      // The service looks at the age only when the next attempt is due.
      if (clock.ticks() - started >= timeToLiveSeconds * 1000)
        return { outcome: 'time-to-live-over', attempts };
    }
    return { outcome: 'attempts-exhausted', attempts };
  }

  return {
    /** An event of this topic in the schema of this subscription. */
    event: (content: EventContent): Envelope => envelope(schema, topic, content),
    /** The handshake of the schema, as when the subscription is created or updated. */
    subscribe: (): Promise<Handshake> => (schema === 'event-grid' ? validation() : abuseProtection()),
    /**
     * The validation event, which in CloudEvents is a single one with data as JSON text. Event Grid itself sends none there,
     * but Microsoft's own receiver accepts it.
     */
    validate: validation,
    /** One attempt to deliver. */
    send: (events: readonly Envelope[], deliveryCount = 0) => post('Notification', events, deliveryCount),
    /** Delivers with retries, and resolves at the end. Time passes on the given clock. */
    deliver,
    /** Announces that the subscription is deleted. */
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

export type EventGridSubscription = ReturnType<typeof eventGridSubscription>;

/** Whether an endpoint accepted a subscription, and its answer. */
export type Handshake = Reply & {
  readonly granted: boolean;
  /** Only the endpoint may learn these: they complete the handshake. */
  readonly secrets: readonly string[];
};

/**
 * Status 200, no other, with the code echoed.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
function echoes({ status, body }: Reply, code: string): boolean {
  if (status !== 200) return false;
  try {
    return (JSON.parse(body) as { validationResponse?: unknown } | null)?.validationResponse === code;
  } catch {
    return false;
  }
}

/**
 * Status 200 with the origin, or any, and a rate: requests a minute, or any.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema
 */
function allows({ status, headers }: Reply, origin: string): boolean {
  const allowed = headers.get('webhook-allowed-origin');
  const rate = headers.get('webhook-allowed-rate') ?? '';
  return status === 200 && (allowed === origin || allowed === '*') && /^(\*|[1-9]\d*)$/.test(rate);
}
