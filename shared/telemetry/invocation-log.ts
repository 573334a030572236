import type { DeliveryLog } from './delivery-record.ts';
import { redact } from './redact.ts';

/** What we need of the platform's logger: the `InvocationContext` of `@azure/functions` is one. */
export type Logger = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
};

/** Writes the lines of a delivery to the log of its invocation: one line of JSON each, but for what handlers write. */
export function invocationLog(logger: Logger): DeliveryLog {
  return {
    delivery: (level, line) => logger[level](JSON.stringify(line)),
    handler: (message) => logger.info(message),
    handlerThrew: (eventType, thrown) => {
      logger.error(JSON.stringify({ ringward: 'handler-threw', eventType, error: redact(told(thrown)) }));
    },
  };
}

/** JavaScript lets anything be thrown, and not everything can be told. */
function told(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack ?? thrown.message) : String(thrown);
  } catch {
    return 'something that cannot be told';
  }
}
