import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { deliveryLine } from '../delivery-line.ts';
import type { Kept } from './stored-delivery.ts';
import type { Recorder } from './recorder.ts';

/** Lines and answers that wait for one another. */
const MOST = 1000;
/** Sockets that are open and known. */
const MOST_OPEN = 1000;

/**
 * Brings together what the media host writes and the upgrades that it answered. It knows no invocations, but writes a line
 * for each upgrade in the order of its answers: so the first of the same status is the one, and where the line has the
 * reference of a ticket, the ticket must have it too.
 *
 * @param onLog told every line that is neither of an upgrade nor of the end of a socket
 */
export function mediaLines(recorder: Recorder, onLog: (line: string) => void) {
  const answers: { delivery: Kept; status: number }[] = [];
  const lines: DeliveryLogEntry[] = [];
  const open = new Map<string, Kept>();

  function match(): void {
    for (const line of lines.slice()) {
      const at = answers.findIndex(
        ({ delivery, status }) =>
          status === line.status && (!line.reference || delivery.target.includes(`.${line.reference}.`)),
      );
      const found = answers[at];
      if (!found) continue;
      answers.splice(at, 1);
      lines.splice(lines.indexOf(line), 1);
      if (line.status === 101 && line.reference) {
        remember(`${line.reference} ${found.delivery.types[0] ?? ''}`, found.delivery);
        recorder.socket(found.delivery, { facts: {} });
      }
      recorder.line(found.delivery, line);
    }
    answers.splice(0, answers.length - MOST);
    lines.splice(0, lines.length - MOST);
  }

  function remember(key: string, delivery: Kept): void {
    open.set(key, delivery);
    for (const oldest of open.keys()) {
      if (open.size <= MOST_OPEN) break;
      open.delete(oldest);
    }
  }

  return {
    answered(delivery: Kept, status: number): void {
      answers.push({ delivery, status });
      match();
    },
    take(text: string): void {
      const line = deliveryLine(text);
      if (line) {
        lines.push(line);
        return match();
      }
      if (!text.startsWith('{"ringward":"media-socket-closed"')) return onLog(text);
      const { ringward: _, reference, ...facts } = JSON.parse(text) as Record<string, string | number>;
      const key = `${reference} ${facts['purpose']}`;
      const delivery = open.get(key);
      open.delete(key);
      if (delivery) recorder.socket(delivery, { closedAt: Date.now(), facts });
    },
  };
}
