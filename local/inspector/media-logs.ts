import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { noteIn } from '../handler-log.ts';
import type { StoredDelivery } from './stored-delivery.ts';
import { deliveryLogEntry } from './parse-delivery.ts';
import type { Recorder } from './recorder.ts';

/** Log entries, and answers, that wait for their match. */
const MAX_WAITING = 1000;
const MAX_OPEN_SOCKETS = 1000;

/**
 * Matches the log entries of the media host with the upgrades that it answered. It has no invocations, but logs in the
 * order of its answers. So the first answer of the same status matches; a reference in the entry must be the ticket's.
 *
 * @param onLog takes every line that is neither about an upgrade nor about the end of a socket
 */
export function mediaLogs(recorder: Recorder, onLog: (line: string) => void) {
  const answers: { delivery: StoredDelivery; status: number }[] = [];
  const entries: DeliveryLogEntry[] = [];
  const open = new Map<string, StoredDelivery>();

  function match(): void {
    for (const entry of entries.slice()) {
      const at = answers.findIndex(
        ({ delivery, status }) =>
          status === entry.status && (!entry.reference || delivery.target.includes(`.${entry.reference}.`)),
      );
      const found = answers[at];
      if (!found) continue;
      answers.splice(at, 1);
      entries.splice(entries.indexOf(entry), 1);
      if (entry.status === 101 && entry.reference) {
        remember(`${entry.reference} ${found.delivery.types[0] ?? ''}`, found.delivery);
        recorder.socket(found.delivery, { facts: {} });
      }
      recorder.entry(found.delivery, entry);
    }
    answers.splice(0, answers.length - MAX_WAITING);
    entries.splice(0, entries.length - MAX_WAITING);
  }

  function remember(key: string, delivery: StoredDelivery): void {
    open.set(key, delivery);
    for (const oldest of open.keys()) {
      if (open.size <= MAX_OPEN_SOCKETS) break;
      open.delete(oldest);
    }
  }

  return {
    answered(delivery: StoredDelivery, status: number): void {
      answers.push({ delivery, status });
      match();
    },
    take(text: string): void {
      const entry = deliveryLogEntry(text);
      if (entry) {
        entries.push(entry);
        return match();
      }
      const closed = noteIn(text, '{"ringward":"media-socket-closed"');
      if (!closed) return onLog(text);
      const { ringward: _, reference, ...facts } = closed as Record<string, string | number>;
      const key = `${reference} ${facts['purpose']}`;
      const delivery = open.get(key);
      open.delete(key);
      if (delivery) recorder.socket(delivery, { closedAt: Date.now(), facts });
    },
  };
}
