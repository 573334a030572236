import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';

export type UnmatchedLog = {
  readonly level: string;
  readonly message: string;
  readonly entry: DeliveryLogEntry | undefined;
};

const MAX_INVOCATIONS = 500;
const MAX_LOGS_EACH = 200;

/**
 * Logs of invocations whose answer has not arrived: only the answer tells which delivery an invocation belongs to. The
 * oldest are dropped first, such as those of the health probe.
 */
export function unmatchedLogs() {
  const waiting = new Map<string, UnmatchedLog[]>();
  return {
    add(invocation: string, log: UnmatchedLog): void {
      const logs = waiting.get(invocation) ?? [];
      if (logs.length < MAX_LOGS_EACH) logs.push(log);
      waiting.set(invocation, logs);
      for (const oldest of waiting.keys()) {
        if (waiting.size <= MAX_INVOCATIONS) break;
        waiting.delete(oldest);
      }
    },
    take(invocation: string): readonly UnmatchedLog[] {
      const logs = waiting.get(invocation) ?? [];
      waiting.delete(invocation);
      return logs;
    },
  };
}
