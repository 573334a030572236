import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CallHandlers } from '../../../shared/events/handlers.ts';

/*
 * Handlers that write down what they begin where every instance writes, so that a scenario can count it. How long they
 * take stands in the event's operationContext, in milliseconds.
 */
const journal = process.env['JOURNAL'] ?? '/dev/null';

/** Where it is asked for, what is alive after a collection and what is resident, in bytes, every so many seconds. */
const every = Number(process.env['MEMORY_EVERY'] ?? 0);
if (every > 0) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const weigh = () => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    appendFileSync(journal, `memory ${heapUsed + external} ${rss}\n`);
  };
  setInterval(weigh, every * 1000).unref();
}

export const calls = {
  incoming({ id }) {
    appendFileSync(journal, `began ${id} ${Date.now()}\n`);
  },
  events: {
    async otherwise({ id, data }) {
      appendFileSync(journal, `began ${id} ${Date.now()}\n`);
      await wait(Number(data.operationContext ?? 0));
    },
  },
} satisfies CallHandlers;
