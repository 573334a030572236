import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { invocationLog } from '../../shared/telemetry/delivery-log.ts';

/** The log of an invocation, kept instead of written. */
export function capturedLog() {
  const messages: { level: string; message: string }[] = [];
  const writes = (level: string) => (message: string) => void messages.push({ level, message });
  const logger = { info: writes('info'), warn: writes('warn'), error: writes('error') };
  return {
    log: invocationLog(logger),
    messages,
    /** Everything that was written, as one text. */
    text: () => messages.map(({ message }) => message).join('\n'),
    /** The delivery log entries. */
    entries: (): DeliveryLogEntry[] =>
      messages
        .filter(({ message }) => message.startsWith('{"delivery":'))
        .map(({ message }) => JSON.parse(message)),
  };
}
