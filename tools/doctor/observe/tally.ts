import { createInterface } from 'node:readline';
import { providers } from '../../../shared/providers/index.ts';
import { reasons } from '../../../shared/reasons.ts';
import type { Reason } from '../../../shared/reasons.ts';
import { deliveryEntriesIn } from './entries.ts';

/** The genuine tokens of one sender. */
export type Seen = {
  /** Accepted deliveries whose entry describes the token. */
  tokens: number;
  /** How many of them carried each claim. */
  readonly claims: Map<string, number>;
  readonly life: Span;
  readonly age: Span;
  readonly expiresIn: Span;
  readonly fingerprints: Set<string>;
  repeats: number;
};

/** In seconds. */
export type Span = { least: number; most: number };

export type Tally = {
  deliveries: number;
  /** Accepted deliveries, with or without a description of their token. */
  accepted: number;
  readonly senders: Map<string, Seen>;
  /** Findings of accepted deliveries that a stricter setting would have refused. */
  readonly reported: Map<Reason, number>;
  /** The reasons of deliveries that were not answered 200. */
  readonly refused: Map<Reason, number>;
};

const SENDERS: readonly string[] = providers.map(({ name }) => name);
const CLAIM = /^[\w.:-]{1,64}$/;

/** Reads a log of any size and adds up its delivery log entries. */
export async function observed(log: NodeJS.ReadableStream): Promise<Tally> {
  const tally: Tally = {
    deliveries: 0,
    accepted: 0,
    senders: new Map(),
    reported: new Map(),
    refused: new Map(),
  };
  for await (const text of createInterface({ input: log, crlfDelay: Number.POSITIVE_INFINITY })) {
    for (const entry of deliveryEntriesIn(text)) add(tally, entry);
  }
  return tally;
}

/** Anybody may have written the log, so only values of a few known forms are kept. */
function add(tally: Tally, entry: Readonly<Record<string, unknown>>): void {
  const { delivery, verdict, reason, reported, count: sum } = entry;
  if (typeof delivery !== 'string' || !SENDERS.includes(delivery)) return;
  const times = typeof sum === 'number' && sum > 0 ? sum : 1;
  tally.deliveries += times;
  if (isReason(reason)) count(tally.refused, reason, times);
  if (verdict !== 'accepted') return;
  tally.accepted++;
  for (const finding of Array.isArray(reported) ? reported : []) {
    if (isReason(finding)) count(tally.reported, finding);
  }
  addToken(tally, delivery, entry);
}

function addToken({ senders }: Tally, sender: string, entry: Readonly<Record<string, unknown>>): void {
  const { tokenClaims: claims, tokenFingerprint: fingerprint } = entry;
  if (!Array.isArray(claims)) return;
  const seen = senders.get(sender) ?? newlySeen();
  senders.set(sender, seen);
  seen.tokens++;
  for (const name of claims) if (typeof name === 'string' && CLAIM.test(name)) count(seen.claims, name);
  widen(seen.life, entry['tokenLifeSeconds']);
  widen(seen.age, entry['tokenAgeSeconds']);
  widen(seen.expiresIn, entry['tokenExpiresInSeconds']);
  if (typeof fingerprint !== 'string') return;
  if (seen.fingerprints.has(fingerprint)) seen.repeats++;
  seen.fingerprints.add(fingerprint);
}

const newSpan = (): Span => ({ least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY });
const newlySeen = (): Seen => ({
  tokens: 0,
  claims: new Map(),
  life: newSpan(),
  age: newSpan(),
  expiresIn: newSpan(),
  fingerprints: new Set(),
  repeats: 0,
});

function widen(span: Span, value: unknown): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) return;
  span.least = Math.min(span.least, value);
  span.most = Math.max(span.most, value);
}

const isReason = (value: unknown): value is Reason =>
  typeof value === 'string' && Object.hasOwn(reasons, value);

function count<Key>(counts: Map<Key, number>, key: Key, times = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}
