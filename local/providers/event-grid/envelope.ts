import { randomUUID } from 'node:crypto';

export type Schema = 'event-grid' | 'cloud-events';

/** An event as it is delivered, in either schema. */
export type Envelope = Readonly<Record<string, unknown>>;

/** The content of an event in any schema. */
export type EventContent = {
  readonly type: string;
  readonly subject: string;
  readonly data: unknown;
  readonly id?: string;
  /** RFC 3339. */
  readonly time?: string;
  /** The version of the data. CloudEvents have none. */
  readonly dataVersion?: string;
};

/**
 * Puts an event into its schema.
 * https://learn.microsoft.com/azure/event-grid/event-schema
 * https://learn.microsoft.com/azure/event-grid/cloud-event-schema
 *
 * @param topic the ARM id of the source
 */
export function envelope(schema: Schema, topic: string, content: EventContent): Envelope {
  const { type, subject, data, id = randomUUID(), dataVersion = '1.0' } = content;
  const { time = new Date().toISOString() } = content;
  return schema === 'event-grid'
    ? {
        id,
        topic,
        subject,
        data,
        eventType: type,
        dataVersion,
        metadataVersion: '1',
        eventTime: time,
      }
    : { id, source: topic, subject, data, type, time, specversion: '1.0' };
}

/** The same event once more, with another id and the present time. */
export function renewedEnvelope(event: Envelope): Envelope {
  return {
    ...event,
    id: randomUUID(),
    ['eventTime' in event ? 'eventTime' : 'time']: new Date().toISOString(),
  };
}

/** Why a message was sent. */
export type MessageType = 'SubscriptionValidation' | 'Notification' | 'SubscriptionDeletion';

/**
 * The headers of a message.
 * https://learn.microsoft.com/azure/event-grid/delivery-properties and its page on message headers
 *
 * @param batch whether the body is an array
 * @param deliveryCount how many attempts came before
 */
export function messageHeaders(message: {
  schema: Schema;
  subscriptionName: string;
  type: MessageType;
  events: readonly Envelope[];
  batch: boolean;
  deliveryCount: number;
}): Record<string, string> {
  const { schema, subscriptionName, type, events, batch, deliveryCount } = message;
  const [first, ...more] = events;
  const cloud = batch ? 'application/cloudevents-batch+json' : 'application/cloudevents+json';
  const ofSchema: Record<string, string> =
    schema === 'event-grid'
      ? {
          'content-type': 'application/json; charset=utf-8',
          'aeg-data-version': String(first?.['dataVersion'] ?? ''),
          'aeg-metadata-version': String(first?.['metadataVersion'] ?? ''),
        }
      : {
          'content-type': `${cloud}; charset=utf-8`,
          // For CloudEvents it is the version of the specification, and there is no version of the data.
          'aeg-metadata-version': String(first?.['specversion'] ?? ''),
        };
  return {
    ...ofSchema,
    ...subscriptionHeader(subscriptionName),
    'aeg-event-type': type,
    'aeg-delivery-count': String(deliveryCount),
    ...(first && more.length === 0 && { 'aeg-output-event-id': String(first['id']) }),
  };
}

/** The name goes out in upper case, however it was written when the subscription was made. */
export const subscriptionHeader = (name: string) => ({ 'aeg-subscription-name': name.toUpperCase() });
