import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { redact } from '../../shared/telemetry/redact.ts';
import { knownCalls } from './known-calls.ts';
import type { StoredDelivery, RawHeaders } from './stored-delivery.ts';
import { invocationOf, wasAsked } from './stored-delivery.ts';
import { addresseeOf, callerOf, callNames, deliveryLogEntry, typesOf } from './parse-delivery.ts';
import { unmatchedLogs } from './unmatched-logs.ts';

export type Limits = {
  readonly deliveries: number;
  /** Of bodies, headers and logs together. */
  readonly bytes: number;
  /** Of one body, and of one reply. */
  readonly body: number;
};

/** A body is kept up to the largest that the app reads, and a byte more, which shows that it is too large. */
export const LIMITS: Limits = { deliveries: 10_000, bytes: 48 * 1024 * 1024, body: 1.5 * 1024 * 1024 + 1 };

/** Logs of one delivery that are kept, and the characters of each. */
const MAX_LOGS = 200;
const MAX_LOG_LENGTH = 8192;

/** The log entry of an answered delivery arrives within this time. A process that crashes never sends it. */
const ENTRY_TIMEOUT_MS = 10_000;

export type Recorder = ReturnType<typeof recorder>;

/**
 * Keeps the latest deliveries and their results. Beyond the limit of bytes the oldest bodies are dropped first, then the
 * oldest deliveries.
 */
export function recorder(limits: Limits = LIMITS, now: () => number = Date.now) {
  const kept = new Map<number, StoredDelivery>();
  const byInvocation = new Map<string, number>();
  const sizes = new Map<number, number>();
  const calls = knownCalls(limits.deliveries);
  const listeners = new Set<(id: number) => void>();
  const unmatched = unmatchedLogs();
  /** Resolved when the log entry of a delivery arrives. */
  const entries = new Map<number, PromiseWithResolvers<DeliveryLogEntry | undefined>>();
  let last = 0;
  let lowest = 1;
  let total = 0;
  /** The bodies of deliveries up to this one are dropped. */
  let bodiless = 0;

  function changed(delivery: StoredDelivery): void {
    const before = sizes.get(delivery.id) ?? 0;
    const size = sizeOf(delivery);
    if (!kept.has(delivery.id)) return;
    total += size - before;
    sizes.set(delivery.id, size);
    trim();
    for (const listener of listeners) listener(delivery.id);
  }

  function trim(): void {
    while (total > limits.bytes && bodiless < last) dropBody(++bodiless);
    while ((total > limits.bytes || kept.size > limits.deliveries) && kept.size > 1) drop(lowest);
  }

  function dropBody(id: number): void {
    const delivery = kept.get(id);
    // A delivery that still arrives has a bound of its own.
    if (!delivery || delivery.status === undefined) return;
    delivery.cut ||= delivery.bytes > 0;
    delivery.body = undefined;
    if (delivery.reply) delivery.reply = { ...delivery.reply, body: Buffer.alloc(0) };
    const size = sizeOf(delivery);
    total += size - (sizes.get(id) ?? 0);
    sizes.set(id, size);
  }

  function drop(id: number): void {
    const delivery = kept.get(id);
    lowest = id + 1;
    if (!delivery) return;
    kept.delete(id);
    total -= sizes.get(id) ?? 0;
    sizes.delete(id);
    entries.get(id)?.resolve(undefined);
    entries.delete(id);
    if (delivery.call) calls.drop(id, delivery.call);
    const invocation = invocationOf(delivery);
    if (invocation) byInvocation.delete(invocation);
  }

  function take(delivery: StoredDelivery, entry: DeliveryLogEntry): void {
    delivery.entry = entry;
    if (entry.verdict === 'accepted') {
      const call = calls.add(delivery.id, callNames(delivery));
      if (call) delivery.call = call;
      const caller = callerOf(delivery);
      if (caller) delivery.caller = caller;
    }
    entries.get(delivery.id)?.resolve(entry);
    entries.delete(delivery.id);
  }

  function log(delivery: StoredDelivery, level: string, message: string): void {
    if (delivery.logs.length >= MAX_LOGS) return;
    delivery.logs.push({ at: now(), level, message: redact(message.slice(0, MAX_LOG_LENGTH)) });
  }

  return {
    limits,
    /** A delivery begins to arrive. */
    begin(arrived: Pick<StoredDelivery, 'method' | 'target' | 'headers' | 'upgrade'>): StoredDelivery {
      const delivery: StoredDelivery = {
        ...arrived,
        id: ++last,
        at: now(),
        provider: addresseeOf(arrived.target).provider,
        body: Buffer.alloc(0),
        bytes: 0,
        cut: false,
        types: [],
        logs: [],
      };
      kept.set(delivery.id, delivery);
      changed(delivery);
      return delivery;
    },
    /** Its body has arrived, or as much as ever will. */
    arrived(delivery: StoredDelivery, body: Buffer, bytes: number): void {
      Object.assign(delivery, { body, bytes, cut: bytes > body.length });
      delivery.types = typesOf(delivery, body);
      changed(delivery);
    },
    /** It is answered, or never will be: then with status 0. */
    answered(
      delivery: StoredDelivery,
      status: number,
      milliseconds: number,
      reply?: StoredDelivery['reply'],
    ): void {
      Object.assign(delivery, { status, milliseconds }, reply && { reply });
      const invocation = invocationOf(delivery);
      if (invocation && kept.has(delivery.id)) {
        byInvocation.set(invocation, delivery.id);
        for (const { level, message, entry } of unmatched.take(invocation)) {
          if (entry) take(delivery, entry);
          else log(delivery, level, message);
        }
      }
      changed(delivery);
    },
    /** The app logged in an invocation, before or after its answer. */
    logged({ invocation, level, message }: { invocation: string; level: string; message: string }): void {
      const entry = deliveryLogEntry(message);
      const delivery = kept.get(byInvocation.get(invocation) ?? 0);
      if (!delivery) return unmatched.add(invocation, { level, message: entry ? '' : message, entry });
      if (entry) take(delivery, entry);
      else log(delivery, level, message);
      changed(delivery);
    },
    /** The log entry of an upgrade: the media host has no invocations. */
    entry(delivery: StoredDelivery, entry: DeliveryLogEntry): void {
      take(delivery, entry);
      changed(delivery);
    },
    socket(delivery: StoredDelivery, socket: StoredDelivery['socket'] & object): void {
      delivery.socket = socket;
      changed(delivery);
    },
    note(delivery: StoredDelivery, level: string, message: string): void {
      log(delivery, level, message);
      changed(delivery);
    },
    /** The sender's name for it. */
    label(id: number, label: { sent: string; replayOf?: number; played?: true }): void {
      const delivery = kept.get(id);
      if (!delivery) return;
      Object.assign(delivery, label);
      changed(delivery);
    },
    /**
     * The log entry of an answered delivery, which comes from another process than the answer. Undefined where neither a
     * function nor the media host was asked, where no entry arrives in time, and where the delivery is no longer kept.
     */
    async entryOf(id: number): Promise<DeliveryLogEntry | undefined> {
      const delivery = kept.get(id);
      if (!delivery || delivery.entry || !wasAsked(delivery)) return delivery?.entry;
      const waiting = entries.get(id) ?? Promise.withResolvers<DeliveryLogEntry | undefined>();
      entries.set(id, waiting);
      const timer = setTimeout(() => waiting.resolve(undefined), ENTRY_TIMEOUT_MS);
      try {
        return await waiting.promise;
      } finally {
        clearTimeout(timer);
        entries.delete(id);
      }
    },
    /** What the handlers of a delivery have written and thrown. */
    writtenBy: (id: number): readonly string[] => kept.get(id)?.logs.map(({ message }) => message) ?? [],
    get: (id: number): StoredDelivery | undefined => kept.get(id),
    /** Those with a higher id, oldest first. */
    after: (id: number): readonly StoredDelivery[] => {
      const found: StoredDelivery[] = [];
      for (let at = Math.max(id + 1, lowest); at <= last; at++) {
        const one = kept.get(at);
        if (one) found.push(one);
      }
      return found;
    },
    lowest: () => lowest,
    last: () => last,
    bytes: () => total,
    size: () => kept.size,
    call: calls.get,
    onChange(listener: (id: number) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** About its size in memory, in bytes. */
function sizeOf({ target, headers, body, reply, logs }: StoredDelivery): number {
  const text = (all: RawHeaders) =>
    all.reduce((sum, [name, value]) => sum + name.length + value.length + 64, 0);
  return (
    1024 +
    target.length +
    text(headers) +
    (body?.length ?? 0) +
    (reply ? text(reply.headers) + reply.body.length : 0) +
    logs.reduce((sum, { message }) => sum + message.length + 64, 0)
  );
}
