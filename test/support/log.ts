import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import type { LogVolume } from '../../shared/telemetry/delivery-log.ts';
import { invocationLog } from '../../shared/telemetry/delivery-log.ts';
import { everything } from '../../shared/telemetry/log-volume.ts';

/** The log of an invocation, kept instead of written. */
export function capturedLog(volume: LogVolume = everything) {
  const messages: { level: string; message: string }[] = [];
  const writes = (level: string) => (message: string) => void messages.push({ level, message });
  const logger = { info: writes('info'), warn: writes('warn'), error: writes('error') };
  const lost: string[] = [];
  return {
    log: { ...invocationLog(logger, volume), leaseLost: (eventType: string) => void lost.push(eventType) },
    messages,
    /** The types of events of which a lease was lost. */
    lost,
    /** Everything that was written, as one text. */
    text: () => messages.map(({ message }) => message).join('\n'),
    /** The delivery log entries. */
    entries: (): DeliveryLogEntry[] =>
      messages
        .filter(({ message }) => message.startsWith('{"delivery":'))
        .map(({ message }) => JSON.parse(message)),
  };
}
