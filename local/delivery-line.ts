import type { DeliveryLogEntry } from '../shared/telemetry/delivery-log.ts';

/** The line of a delivery, where that is what an app or the media host wrote. */
export function deliveryLine(message: string): DeliveryLogEntry | undefined {
  return message.startsWith('{"delivery":') ? (JSON.parse(message) as DeliveryLogEntry) : undefined;
}
