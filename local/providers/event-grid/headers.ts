import type { Envelope, Schema } from './envelope.ts';

/** Why a message was sent. */
export type MessageType = 'SubscriptionValidation' | 'Notification' | 'SubscriptionDeletion';

/**
 * What Event Grid says of a message in its headers.
 * https://learn.microsoft.com/azure/event-grid/delivery-properties and its page on message headers
 *
 * @param batch whether the body is an array
 * @param deliveryCount how often it was sent before
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
