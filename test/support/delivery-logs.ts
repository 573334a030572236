import type { LogEntry } from '../../local/host/log.ts';
import { deliveryLogEntry } from '../../local/inspector/parse-delivery.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';

/** Entries that nobody has asked for yet. Most never are, so the oldest are dropped. */
const MAX_UNCLAIMED = 1000;

/** The delivery log entries of an app, by invocation. */
export function deliveryLogs() {
  const waiting = new Map<string, (entry: DeliveryLogEntry) => void>();
  const unclaimed = new Map<string, DeliveryLogEntry>();
  return {
    take({ invocation, message }: LogEntry): void {
      const entry = deliveryLogEntry(message);
      if (!entry || !invocation) return;
      const waiter = waiting.get(invocation);
      if (waiter) waiter(entry);
      else unclaimed.set(invocation, entry);
      waiting.delete(invocation);
      const [oldest = ''] = unclaimed.keys();
      if (unclaimed.size > MAX_UNCLAIMED) unclaimed.delete(oldest);
    },
    /** The entry comes from another process than the reply, so it may arrive a moment later. */
    of(invocation: string): Promise<DeliveryLogEntry> {
      const entry = unclaimed.get(invocation);
      unclaimed.delete(invocation);
      return entry ? Promise.resolve(entry) : new Promise((resolve) => waiting.set(invocation, resolve));
    },
  };
}
