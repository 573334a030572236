import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallHandlers } from '../../../shared/events/handlers.ts';

/*
 * Handlers that write down what they begin where every instance writes, so that a scenario can count it. How long they
 * take stands in the event's operationContext, in milliseconds.
 */
const journal = process.env['JOURNAL'] ?? '/dev/null';

export const calls = {
  events: {
    async otherwise({ id, data }) {
      appendFileSync(journal, `began ${id} ${Date.now()}\n`);
      await wait(Number(data.operationContext ?? 0));
    },
  },
} satisfies CallHandlers;
