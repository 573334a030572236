import type { DeliveryLine } from '../../shared/telemetry/delivery-record.ts';

/** What the media host writes: a line for each upgrade, in the order in which it answers them, and what handlers log. */
export function mediaLines(onLog: (message: string) => void) {
  const unclaimed: DeliveryLine[] = [];
  const waiting: ((line: DeliveryLine) => void)[] = [];
  return {
    take(line: string): void {
      if (line.startsWith('{"delivery":')) {
        const parsed = JSON.parse(line) as DeliveryLine;
        const next = waiting.shift();
        if (next) next(parsed);
        else unclaimed.push(parsed);
      } else if (!line.startsWith('{"ringward":"media-socket-closed"')) onLog(line);
    },
    /** The line of the next upgrade. It comes from another process than the answer does, so it may come after it. */
    next(): Promise<DeliveryLine> {
      const line = unclaimed.shift();
      return line ? Promise.resolve(line) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
