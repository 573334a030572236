import { expect, test } from 'vitest';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { manualClock } from '../../clock.ts';
import { callEvent, pipelineOf, posted } from '../../support/pipeline.ts';

// What the delivery log entry says, and what a delivery asks of the ledger.

test('a delivery is timed from stage to stage', async () => {
  const { entry } = await pipelineOf().deliver(posted());
  expect(Object.keys(entry?.stages ?? {})).toEqual(['read', 'checks', 'parse', 'bindings', 'handlers']);
});

test('elements that are no events are counted beside those that are', async () => {
  const body = JSON.stringify([callEvent(), 7, null, 'text', {}]);
  const { entry, status } = await pipelineOf().deliver(posted({ body }));
  expect([status, entry?.outcomes]).toEqual([200, { unusable: 4, handled: 1 }]);
});

test('what a handler threw is written down with the type of its event, and nothing of the event itself', async () => {
  const handlers = {
    otherwise: () => {
      throw new TypeError('what went wrong');
    },
  };
  const { text, status } = await pipelineOf({ handlers }).deliver(
    posted({ body: JSON.stringify([callEvent()]) }),
  );
  expect(status).toBe(500);
  expect(text()).toContain('"ringward":"handler-threw"');
  expect(text()).toContain('CallConnected');
  expect(text()).toContain('what went wrong');
  expect(text()).not.toContain('connection-1');
});

test('an event that nobody handles acquires no lease, so that an instance that handles it can', async () => {
  const clock = manualClock();
  const ledger = memoryLedger(clock);
  const acquired: string[] = [];
  const watched: Ledger = {
    ...ledger,
    acquire: async (what, lease) => {
      acquired.push(what.key);
      return ledger.acquire(what, lease);
    },
  };
  const { deliver } = pipelineOf({ clock, ledger: watched, handlers: { CallConnected: () => {} } });
  const types = ['CallConnected', 'PlayCompleted'].map((name, index) =>
    callEvent({ id: String(index), type: `Microsoft.Communication.${name}` }),
  );
  const { entry } = await deliver(posted({ body: JSON.stringify(types) }));
  expect(entry?.outcomes).toEqual({ handled: 1, 'no-handler': 1 });
  expect(acquired).toHaveLength(1);
});
