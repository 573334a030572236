import { decodeUtf8, isObject } from '../../verification/strict-json.ts';

/** What both schemas say of an event, under the names of CloudEvents. Nothing of it is checked. */
export type Envelope = {
  readonly source: unknown;
  readonly type: unknown;
  readonly time: unknown;
  /** `undefined` where it is no object. */
  readonly data: object | undefined;
  /** The members that have the same name in both schemas, and unknown ones. */
  readonly rest: Readonly<Record<string, unknown>>;
};

/**
 * Reads an event of Event Grid's own schema or a CloudEvent 1.0. Where `eventType` is present, it is Event Grid's, and
 * members of CloudEvents have no meaning: a `source` must not stand for the topic.
 * https://learn.microsoft.com/azure/event-grid/event-schema and …/cloud-event-schema
 *
 * @returns `undefined` where the element is no object
 */
export function envelopeOf(element: unknown): Envelope | undefined {
  if (!isObject(element)) return undefined;
  const { topic, eventType, eventTime, source, type, time, data, data_base64: base64, ...rest } = element;
  const named =
    eventType === undefined || eventType === null
      ? { source, type, time }
      : { source: topic, type: eventType, time: eventTime };
  return { ...named, data: objectIn(data ?? decodedBase64(base64)), rest };
}

/** `data` as an object: as it is, or as JSON text. */
function objectIn(data: unknown): object | undefined {
  const found = typeof data === 'string' ? parsed(data) : data;
  return isObject(found) ? found : undefined;
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#31-handling-of-data */
function decodedBase64(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return decodeUtf8(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
