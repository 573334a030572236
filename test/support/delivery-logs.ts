import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { deliveryLine } from '../../local/delivery-line.ts';
import type { LogEntry } from '../../local/host/log.ts';

/** Lines that nobody has asked for yet; the oldest go first, since most are never asked for. */
const MOST = 1000;

/** The delivery lines that the app logs, each to be had by the invocation that wrote it. */
export function deliveryLines() {
  const waiting = new Map<string, (line: DeliveryLogEntry) => void>();
  const unclaimed = new Map<string, DeliveryLogEntry>();
  return {
    /** @returns whether the message was a delivery line */
    take({ invocation, message }: LogEntry): boolean {
      const line = deliveryLine(message);
      if (!line || !invocation) return false;
      const waiter = waiting.get(invocation);
      if (waiter) waiter(line);
      else unclaimed.set(invocation, line);
      waiting.delete(invocation);
      const [oldest = ''] = unclaimed.keys();
      if (unclaimed.size > MOST) unclaimed.delete(oldest);
      return true;
    },
    /** The line comes from another process than the reply does, so it may come a moment after it. */
    of(invocation: string): Promise<DeliveryLogEntry> {
      const line = unclaimed.get(invocation);
      unclaimed.delete(invocation);
      return line ? Promise.resolve(line) : new Promise((resolve) => waiting.set(invocation, resolve));
    },
  };
}
