import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';

export type Early = {
  readonly level: string;
  readonly message: string;
  readonly line: DeliveryLogEntry | undefined;
};

/** Invocations and entries of each that are waited for: what nobody claims, such as the health's, goes first. */
const MOST = 500;
const MOST_EACH = 200;

/** What was logged in an invocation before its answer came, which is when it is known whose it was. */
export function early() {
  const waiting = new Map<string, Early[]>();
  return {
    keep(invocation: string, entry: Early): void {
      const entries = waiting.get(invocation) ?? [];
      if (entries.length < MOST_EACH) entries.push(entry);
      waiting.set(invocation, entries);
      for (const oldest of waiting.keys()) {
        if (waiting.size <= MOST) break;
        waiting.delete(oldest);
      }
    },
    claim(invocation: string): readonly Early[] {
      const entries = waiting.get(invocation) ?? [];
      waiting.delete(invocation);
      return entries;
    },
  };
}
