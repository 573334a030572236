import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { redact } from '../../shared/telemetry/redact.ts';
import { deliveryLine } from '../delivery-line.ts';
import { calls as callsFor } from './calls.ts';
import type { Kept, RawHeaders } from './stored-delivery.ts';
import { headerOf, invocationOf, pathOf } from './stored-delivery.ts';
import { early } from './unmatched-logs.ts';
import { callNames, providerOf, typesOf } from './parse-delivery.ts';

export type Limits = {
  readonly deliveries: number;
  /** Of bodies, headers and logs together. */
  readonly bytes: number;
  /** Of one body, and of one reply. */
  readonly body: number;
};

export const LIMITS: Limits = { deliveries: 10_000, bytes: 48 * 1024 * 1024, body: 1024 * 1024 + 1 };

/** What one delivery logs that is kept, in lines; and of a line, in characters. */
const MOST_LOGS = 200;
const LONGEST_LOG = 8192;

export type Recorder = ReturnType<typeof recorder>;

/**
 * Keeps what came and what became of it, so much and no more: beyond the limit of bytes the oldest bodies go first, then
 * the oldest deliveries.
 */
export function recorder(limits: Limits = LIMITS, now: () => number = Date.now) {
  const kept = new Map<number, Kept>();
  const byInvocation = new Map<string, number>();
  const sizes = new Map<number, number>();
  const calls = callsFor(limits.deliveries);
  const listeners = new Set<(id: number) => void>();
  const unclaimed = early();
  const lines = new Map<number, (line: DeliveryLogEntry | undefined) => void>();
  let last = 0;
  let lowest = 1;
  let total = 0;
  /** Bodies of deliveries up to this one are gone. */
  let bodiless = 0;

  function changed(delivery: Kept): void {
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
    // One that is still coming is left alone; it is bounded by itself.
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
    lines.get(id)?.(undefined);
    lines.delete(id);
    if (delivery.call) calls.drop(id, delivery.call);
    const invocation = invocationOf(delivery);
    if (invocation) byInvocation.delete(invocation);
  }

  function take(delivery: Kept, line: DeliveryLogEntry): void {
    delivery.line = line;
    if (line.verdict === 'accepted') {
      const connection = headerOf(delivery.headers, 'x-ms-call-connection-id');
      const names =
        delivery.provider === 'media'
          ? { ...(connection && { callConnectionId: connection }) }
          : callNames(delivery.body);
      const call = calls.add(delivery.id, names);
      if (call) delivery.call = call;
    }
    lines.get(delivery.id)?.(line);
    lines.delete(delivery.id);
  }

  function log(delivery: Kept, level: string, message: string): void {
    if (delivery.logs.length >= MOST_LOGS) return;
    delivery.logs.push({ at: now(), level, message: redact(message.slice(0, LONGEST_LOG)) });
  }

  return {
    limits,
    /** A delivery begins to come. */
    begin(arrived: { method: string; target: string; headers: RawHeaders }): Kept {
      const delivery: Kept = {
        ...arrived,
        id: ++last,
        at: now(),
        provider: providerOf(pathOf(arrived.target)),
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
    /** All of its body has come, or as much as ever will. */
    arrived(delivery: Kept, body: Buffer, bytes: number): void {
      Object.assign(delivery, { body, bytes, cut: bytes > body.length });
      delivery.types = typesOf({ ...delivery, path: pathOf(delivery.target) }, body);
      changed(delivery);
    },
    /** It is answered; with status 0 where it never will be. */
    answered(delivery: Kept, status: number, milliseconds: number, reply?: Kept['reply']): void {
      Object.assign(delivery, { status, milliseconds }, reply && { reply });
      const invocation = invocationOf(delivery);
      if (invocation && kept.has(delivery.id)) {
        byInvocation.set(invocation, delivery.id);
        for (const { level, message, line } of unclaimed.claim(invocation)) {
          if (line) take(delivery, line);
          else log(delivery, level, message);
        }
      }
      changed(delivery);
    },
    /** The app wrote something in an invocation, before its answer came or at any time after it. */
    logged(entry: { invocation: string; level: string; message: string }): void {
      const { invocation, level, message } = entry;
      const line = deliveryLine(message);
      const delivery = kept.get(byInvocation.get(invocation) ?? 0);
      if (!delivery) return unclaimed.keep(invocation, { level, message: line ? '' : message, line });
      if (line) take(delivery, line);
      else log(delivery, level, message);
      changed(delivery);
    },
    /** The same of the media host, which knows no invocations. */
    line(delivery: Kept, line: DeliveryLogEntry): void {
      take(delivery, line);
      changed(delivery);
    },
    socket(delivery: Kept, socket: Kept['socket'] & object): void {
      delivery.socket = socket;
      changed(delivery);
    },
    note(delivery: Kept, level: string, message: string): void {
      log(delivery, level, message);
      changed(delivery);
    },
    /** What whoever sent it calls it. */
    label(id: number, label: { sent: string; replayOf?: number }): void {
      const delivery = kept.get(id);
      if (!delivery) return;
      Object.assign(delivery, label);
      changed(delivery);
    },
    /** The line of a delivery, which comes from another process than its answer; undefined when it is not kept. */
    lineOf(id: number): Promise<DeliveryLogEntry | undefined> {
      const delivery = kept.get(id);
      if (!delivery || delivery.line) return Promise.resolve(delivery?.line);
      return new Promise((resolve) => lines.set(id, resolve));
    },
    get: (id: number): Kept | undefined => kept.get(id),
    /** Those with a higher id, oldest first. */
    after: (id: number): readonly Kept[] => {
      const found: Kept[] = [];
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

/** About as much as it takes in memory, in bytes: text takes one or two for each character. */
function sizeOf({ target, headers, body, reply, logs }: Kept): number {
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
