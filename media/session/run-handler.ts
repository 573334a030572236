import { AsyncLocalStorage } from 'node:async_hooks';
import type { MediaHandler } from '../../shared/events/media.ts';
import type { DeliveryLog } from '../../shared/telemetry/delivery-log.ts';
import type { OpenSession } from './session.ts';

/** Which socket the running code belongs to: whatever a handler starts belongs to its socket. */
const belongsTo = new AsyncLocalStorage<{ fail(thrown: unknown): void }>();

/** Runs the user's handler for one socket. Its end is the end of the socket, and of no other. */
export async function runHandler(
  handler: MediaHandler,
  open: Pick<OpenSession, 'session' | 'signal' | 'end'>,
  idempotencyKey: string,
  log: DeliveryLog,
): Promise<void> {
  const { session, signal, end } = open;
  const { reference, purpose } = session;
  function fail(thrown: unknown): void {
    // What gives up because the socket is closed has not failed.
    if (!(signal.aborted && thrown === signal.reason)) log.handlerThrew(purpose, thrown);
    end(1011, 'handler-threw');
  }
  await belongsTo.run({ fail }, async () => {
    try {
      await handler(session, { log: log.handler, signal, idempotencyKey, reference });
      end(1000, 'handler-ended');
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/**
 * Lays what was thrown outside of any `await`, in a timer or a promise that nobody waits for, at the door of the handler
 * that it came from.
 *
 * @returns false where it came from no handler
 */
export function blameHandler(thrown: unknown): boolean {
  const owner = belongsTo.getStore();
  owner?.fail(thrown);
  return owner !== undefined;
}
