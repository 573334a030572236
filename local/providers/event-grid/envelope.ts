import { randomUUID } from 'node:crypto';

export type Schema = 'event-grid' | 'cloud-events';

/** An event as it is delivered, in either schema. */
export type Envelope = Readonly<Record<string, unknown>>;

/** What an event tells, whatever the schema. */
export type Told = {
  readonly type: string;
  readonly subject: string;
  readonly data: unknown;
  readonly id?: string;
  /** RFC 3339. */
  readonly time?: string;
  /** The version of the data; CloudEvents have none. */
  readonly dataVersion?: string;
};

/**
 * Puts an event into its schema.
 * https://learn.microsoft.com/azure/event-grid/event-schema
 * https://learn.microsoft.com/azure/event-grid/cloud-event-schema
 *
 * @param topic the ARM id of where it comes from
 */
export function envelope(schema: Schema, topic: string, told: Told): Envelope {
  const { type, subject, data, id = randomUUID(), dataVersion = '1.0' } = told;
  const { time = new Date().toISOString() } = told;
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
