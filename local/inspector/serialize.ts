import type { CloseCause } from '../../media/session.ts';
import type { EventOutcome } from '../../shared/delivery/dispatch.ts';
import { reasons } from '../../shared/reasons.ts';
import { readable } from '../handler-log.ts';
import type { CallView, CheckShown, Detail, Header, Summary } from './contract.ts';
import { isCopyable } from './curl.ts';
import type { KnownCall } from './known-calls.ts';
import { decodedToken } from './decoded-token.ts';
import { pathOf, wasAsked } from './stored-delivery.ts';
import type { StoredDelivery, RawHeaders } from './stored-delivery.ts';
import { mask, maskHeader, maskTarget } from './mask.ts';

/** One row of the list. */
export function summary(delivery: StoredDelivery): Summary {
  const { id, at, provider, method, types, entry, status, milliseconds } = delivery;
  const { call, caller, sent, played, replayOf } = delivery;
  const verdict = entry?.verdict ?? (status !== undefined && !wasAsked(delivery) ? 'none' : undefined);
  const outcomes = Object.keys(entry?.outcomes ?? {});
  return {
    id,
    at,
    provider,
    method,
    path: mask(pathOf(delivery.target)).text,
    types: types.map((type) => mask(type).text),
    ...(verdict && { verdict }),
    ...(entry?.reason && { reason: entry.reason }),
    ...(isFailed(delivery) && { failed: true }),
    ...(outcomes.length > 0 && { outcomes }),
    ...(status !== undefined && { status }),
    ...(milliseconds !== undefined && { milliseconds }),
    ...(call !== undefined && { call }),
    ...(caller !== undefined && { caller: mask(caller).text }),
    ...(sent !== undefined && { sent }),
    ...(played && { played }),
    ...(replayOf !== undefined && { replayOf }),
  };
}

/** Outcomes of events that were verified and are not handled. */
const FAILED: readonly string[] = [
  'handler-threw',
  'handler-timed-out',
  'lease-lost',
  'ledger-unavailable',
  'delivery-threw',
] satisfies readonly EventOutcome[];
/** Why the media host closes a socket when its handler fails. */
const FAILED_SOCKET: readonly unknown[] = [
  'handler-threw',
  'handler-stalled',
] satisfies readonly CloseCause[];

function isFailed({ entry, socket }: StoredDelivery): boolean {
  if (entry?.verdict !== 'accepted') return false;
  return (
    [entry.reason ?? '', ...Object.keys(entry.outcomes ?? {})].some((one) => FAILED.includes(one)) ||
    FAILED_SOCKET.includes(socket?.facts['cause'])
  );
}

/** All of a delivery but its secrets. */
export function detail(
  delivery: StoredDelivery,
  checkNames: (delivery: StoredDelivery) => readonly string[],
  get: (id: number) => StoredDelivery | undefined,
): Detail {
  const { entry, reply, logs, socket, body, bytes, cut } = delivery;
  const token = decodedToken(delivery.headers);
  const shown = body && textOf(body);
  return {
    ...summary(delivery),
    checks: checks(delivery, checkNames),
    stages: entry?.stages ?? {},
    ...(entry?.reason && { explained: reasons[entry.reason].means }),
    request: {
      target: maskTarget(delivery.target),
      headers: headers(delivery.headers),
      ...(shown !== undefined && { body: mask(shown).text }),
      bytes,
      cut,
    },
    ...(reply && {
      reply: { headers: headers(reply.headers), body: mask(textOf(reply.body) ?? '').text },
    }),
    ...(token && { token }),
    logs: logs.map(({ at, level, message }) => ({
      at,
      level,
      message: mask(readable(message).join('\n')).text,
    })),
    reported: entry?.reported ?? [],
    copyable: isCopyable(delivery, get),
    ...(socket && { socket }),
  };
}

function checks(
  delivery: StoredDelivery,
  checkNames: (delivery: StoredDelivery) => readonly string[],
): CheckShown[] {
  const { entry } = delivery;
  // Without an entry the app did not look at it, or has not said so yet.
  if (!entry) return [];
  const ran = Object.entries(entry.checks);
  const rest = checkNames(delivery).filter((name) => !Object.hasOwn(entry.checks, name));
  // A delivery that gets beyond its checks was accepted by all of them, also where a replay rule refuses it.
  const isVerified = entry.verdict === 'accepted' || Object.hasOwn(entry.stages, 'bindings');
  return [
    ...ran.map(([name, milliseconds], index) => ({
      name,
      outcome: isVerified || index < ran.length - 1 ? ('accepted' as const) : entry.verdict,
      milliseconds,
    })),
    ...rest.map((name) => ({ name, outcome: 'not-reached' as const })),
  ];
}

function headers(raw: RawHeaders): Header[] {
  return raw.map(([name, value]) => ({ name, ...maskHeader(name, value) }));
}

/** Undefined where the bytes are no UTF-8. */
export function textOf(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** A call and its deliveries, oldest first. */
export function callView(
  { id, names, deliveries }: KnownCall,
  get: (id: number) => StoredDelivery | undefined,
): CallView {
  const found = deliveries.map(get).filter((one) => one !== undefined);
  const all = found.toSorted((a, b) => a.at - b.at || a.id - b.id);
  const ends = all.map(({ at, milliseconds = 0, socket }) => socket?.closedAt ?? at + milliseconds);
  return {
    id,
    names,
    from: all[0]?.at ?? 0,
    to: Math.max(0, ...ends),
    deliveries: all.map(summary),
  };
}
