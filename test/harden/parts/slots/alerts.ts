import alerts from '../../../../infra/monitoring/alerts.json' with { type: 'json' };
import type { LogEntry } from '../../../../local/host/log.ts';

const rule = (name: string) => {
  const found = alerts.find((one) => one.name === name);
  if (!found) throw new Error(`infra/monitoring/alerts.json has no rule ${name}`);
  return found;
};
const namesIn = (query: string, list: RegExp): readonly string[] => {
  const names = [...(list.exec(query)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
  if (names.length === 0) throw new Error(`infra/monitoring/alerts.json has another query: ${query}`);
  return names;
};

const outage = rule('outage');
/** Reasons of 503 and 504 that raise no alert. */
const unalarming = namesIn(rule('unavailable').query, /Reason !in \(([^)]*)\)/);
const [, ...unsigned] =
  /not\(Reason == '([^']+)' and Provider == '([^']+)'\)/.exec(rule('unavailable').query) ?? [];
/** Notes that raise one. */
const alarming = namesIn(outage.query, /Event in \(([^)]*)\)/);

const add = (to: Map<string, number>, what: string) => void to.set(what, (to.get(what) ?? 0) + 1);
const told = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([what, times]) => `${what}: ${times} times`);

/** Reads a log as the rules `unavailable`, `failures` and `outage` of infra/monitoring/alerts.json do. */
export function alertReader() {
  const failed = new Map<string, number>();
  const unavailable = new Map<string, number>();
  return {
    take({ category, message }: Pick<LogEntry, 'category' | 'message'>): void {
      if (category !== 'user' || !message.startsWith('{"delivery":')) return;
      const {
        delivery,
        status,
        reason = '',
      } = JSON.parse(message) as {
        delivery: string;
        status: number;
        reason?: string;
      };
      if (unsigned.join() === `${reason},${delivery}`) return;
      if (status === 500) add(failed, `500 (${reason})`);
      if (status === 503 || status === 504) add(unavailable, reason);
    },
    /**
     * What raises an alert.
     *
     * @param output what the app wrote to its console: its notes
     */
    alarms(output: string): readonly string[] {
      const notes = new Map<string, number>();
      for (const [, note = ''] of output.matchAll(/^\{"ringward":"([^"]+)"/gm)) {
        if (alarming.includes(note)) add(notes, note);
      }
      return [
        ...told(failed),
        ...told(new Map([...unavailable].filter(([reason]) => !unalarming.includes(reason)))),
        ...told(new Map([...notes].filter(([, times]) => times >= outage.threshold))),
      ];
    },
    /** How often each reason of 503 and 504 was logged, alarming or not. */
    unavailable: () => Object.fromEntries(unavailable),
  };
}
