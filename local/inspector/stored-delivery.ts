import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';

/** Name and value, as they came, in their order. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** One delivery, with its secrets: it leaves the process only through `serialize.ts`. */
export type StoredDelivery = {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly provider: string;
  /** Whether it asks for a WebSocket. */
  readonly upgrade: boolean;
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly target: string;
  headers: RawHeaders;
  /** Undefined once it is dropped. */
  body: Buffer | undefined;
  /** All that arrived, kept or not. */
  bytes: number;
  /** Whether more arrived than is kept. */
  cut: boolean;
  types: readonly string[];
  status?: number;
  milliseconds?: number;
  reply?: { readonly headers: RawHeaders; readonly body: Buffer };
  entry?: DeliveryLogEntry;
  readonly logs: { readonly at: number; readonly level: string; readonly message: string }[];
  call?: string;
  caller?: string;
  sent?: string;
  played?: true;
  replayOf?: number;
  socket?: { readonly closedAt?: number; readonly facts: Readonly<Record<string, string | number>> };
};

/** Why a delivery cannot be sent again, for the user. */
export class NotReplayable extends Error {}

/** Name and value, as Node hands over the headers of a message. */
export function pairs(raw: readonly string[]): RawHeaders {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return headers;
}

export const headerOf = (headers: RawHeaders, name: string) =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1];

/** Without its query. */
export const pathOf = (target: string) => target.split('?', 1)[0] ?? '';

/** The invocation that answered; undefined where no function was asked. */
export const invocationOf = ({ reply }: Pick<StoredDelivery, 'reply'>) =>
  reply && headerOf(reply.headers, 'x-ms-invocation-id');

/** Whether a function or the media host answered: then it writes a log entry. */
export const wasAsked = (delivery: Pick<StoredDelivery, 'upgrade' | 'reply'>) =>
  delivery.upgrade ? delivery.reply !== undefined : invocationOf(delivery) !== undefined;
