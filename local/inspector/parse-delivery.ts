import { findEndpoint } from '../../shared/delivery/endpoint.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { providers } from '../providers/index.ts';
import type { RehearsalProvider } from '../providers/provider.ts';
import { jsonLine } from '../handler-log.ts';
import { everySender } from '../senders.ts';
import type { StoredDelivery } from './stored-delivery.ts';
import { pathOf } from './stored-delivery.ts';

/** A larger body is not parsed: the app accepts none. */
const MAX_BODY_BYTES = 1.5 * 1024 * 1024;
const MAX_TYPES = 20;
const MAX_TYPE_LENGTH = 100;
const MAX_CALLER_LENGTH = 100;

/** The sender that a path is for. */
export type Addressee = {
  /** The provider's name in the log; `none` where no function answers. */
  readonly provider: string;
  readonly rehearsal: RehearsalProvider | undefined;
};

const METHODS = ['POST', 'GET', 'OPTIONS'] as const;
const VERDICTS: readonly unknown[] = ['accepted', 'rejected', 'unavailable'];
const senders = everySender();

/** Finds the sender of a path, for any method, also a sender that the settings do not enable. */
export function addresseeOf(target: string): Addressee {
  const nobody = { provider: 'none', rehearsal: undefined };
  const url = urlOf(target);
  if (!url) return nobody;
  for (const { endpoints, upgrade, provider } of senders) {
    const isUpgrade = upgrade && url.pathname === `/${upgrade.path}`;
    const endpoint = METHODS.map((method) => findEndpoint(endpoints, method, url)).find(Boolean);
    const found = isUpgrade ? upgrade : endpoint;
    const rehearsal = providers.find(({ name }) => name === provider.name);
    if (found) return { provider: found.provider, rehearsal };
  }
  return nobody;
}

/** The types that a delivery claims to bring, verified or not. */
export function typesOf({ method, target }: Pick<StoredDelivery, 'method' | 'target'>, body: Buffer) {
  if (method === 'OPTIONS') return ['handshake'];
  if (body.length > MAX_BODY_BYTES) return [];
  const types = addresseeOf(target).rehearsal?.typesOf(body, pathOf(target)) ?? [];
  const named = types
    .filter((type) => typeof type === 'string')
    .map((type) => type.slice(0, MAX_TYPE_LENGTH));
  return [...new Set(named)].slice(0, MAX_TYPES);
}

/** What a delivery calls the call that it belongs to. */
export function callNames(
  delivery: Pick<StoredDelivery, 'provider' | 'target' | 'headers' | 'body'>,
): Readonly<Record<string, string>> {
  const { body = Buffer.alloc(0) } = delivery;
  if (body.length > MAX_BODY_BYTES) return {};
  return addresseeOf(delivery.target).rehearsal?.callNames?.({ ...delivery, body }) ?? {};
}

/** Who calls, where a delivery says it. */
export function callerOf(
  delivery: Pick<StoredDelivery, 'provider' | 'target' | 'headers' | 'body'>,
): string | undefined {
  const { body = Buffer.alloc(0) } = delivery;
  if (body.length > MAX_BODY_BYTES) return undefined;
  const caller: unknown = addresseeOf(delivery.target).rehearsal?.caller?.({ ...delivery, body });
  return typeof caller === 'string' && caller !== '' ? caller.slice(0, MAX_CALLER_LENGTH) : undefined;
}

/** The entry of a delivery in the log, where the app or the media host wrote one. A handler may log what only begins like it. */
export function deliveryLogEntry(message: string): DeliveryLogEntry | undefined {
  const entry = jsonLine(message, '{"delivery":') as DeliveryLogEntry | undefined;
  if (!entry || !VERDICTS.includes(entry.verdict)) return undefined;
  const { delivery, reason = '', reference = '' } = entry;
  return [delivery, reason, reference].every((one) => typeof one === 'string') ? entry : undefined;
}

/** Senders also see targets that are no URL. */
export function urlOf(target: string): URL | undefined {
  return URL.parse(target, 'http://localhost') ?? undefined;
}
