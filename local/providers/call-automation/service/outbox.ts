import type { Clock } from '../../../../shared/clock.ts';
import type { CallEvent, CallEventName } from '../../../../shared/events/call-automation.ts';
import type { Reply } from '../../../http/request.ts';
import { post } from '../../../http/request.ts';

/** One attempt to deliver one event. */
export type Delivery = {
  readonly event: CallEvent<CallEventName>;
  /** The event's type without its prefix, such as `CallConnected`. */
  readonly type: string;
  readonly uri: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** 0 where no reply came. */
  readonly status: number;
  /** The answer of the receiver. */
  readonly reply: Reply | undefined;
};

/** An event and its URI. `before` runs just before its first attempt. */
export type Outgoing = {
  readonly event: CallEvent<CallEventName>;
  readonly uri: string;
  readonly before?: (() => void) | undefined;
};

export type DeliveryListener = (delivery: Delivery) => void;

/** How often and how soon an event is sent again. The service publishes neither. */
export type Persistence = { readonly attempts: number; readonly pauseMilliseconds: number };

/** The latest deliveries are remembered. */
const MAX_DELIVERIES = 2000;
const REPLY_TIMEOUT_MS = 60_000;

/**
 * Sends the events of each call one by one, each attempt with a new token. It retries after a 5xx or no answer; any other
 * answer is final.
 */
export function outbox(options: { token: () => string; persistence: Persistence; clock: Clock }) {
  const { token, persistence, clock } = options;
  const queues = new Map<string, Promise<void>>();
  const delivered: Delivery[] = [];
  const listeners = new Set<DeliveryListener>();
  const closing = new AbortController();
  let pending = 0;
  let waiting: (() => void)[] = [];

  /** Marks something as pending until the returned function is called. */
  function begin(): () => void {
    pending++;
    return function end() {
      if (--pending > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    };
  }

  async function attempt({ event, uri }: Outgoing, number: number): Promise<Delivery> {
    const request = {
      url: uri,
      headers: [
        ['authorization', `Bearer ${token()}`],
        ['content-type', 'application/json; charset=utf-8'],
      ] as const,
      body: JSON.stringify([event]),
    };
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(REPLY_TIMEOUT_MS)]);
    const reply = await post(request, signal).catch(() => undefined);
    const type = event.type.replace('Microsoft.Communication.', '');
    return { event, type, uri, attempt: number, status: reply?.status ?? 0, reply };
  }

  async function deliver(outgoing: Outgoing): Promise<void> {
    outgoing.before?.();
    for (let number = 1; number <= persistence.attempts && !closing.signal.aborted; number++) {
      if (number > 1) await clock.sleep(persistence.pauseMilliseconds, closing.signal).catch(() => {});
      const delivery = await attempt(outgoing, number);
      if (closing.signal.aborted) return;
      delivered.push(delivery);
      if (delivered.length > MAX_DELIVERIES) delivered.shift();
      for (const listener of listeners) listener(delivery);
      if (delivery.status > 0 && delivery.status < 500) return;
    }
  }

  return {
    begin,
    post(queue: string, outgoing: Outgoing): void {
      const end = begin();
      const before = queues.get(queue) ?? Promise.resolve();
      queues.set(queue, before.then(() => deliver(outgoing)).finally(end));
    },
    deliveries: (): readonly Delivery[] => [...delivered],
    /** Calls the listener for each attempt, until the returned function is called. */
    onDelivery(listener: DeliveryListener): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Resolves when nothing is pending. */
    idle: () => new Promise<void>((resolve) => (pending === 0 ? resolve() : waiting.push(resolve))),
    /** Drops what is pending. */
    close: () => closing.abort(),
  };
}

export type Outbox = ReturnType<typeof outbox>;
