import { createInterface } from 'node:readline';
import { reasons } from '../../../shared/reasons.ts';
import type { Reason } from '../../../shared/reasons.ts';
import { deliveryLinesIn } from './lines.ts';

/** What the tokens of one sender were like. */
export type Seen = {
  /** Accepted deliveries whose token the line tells of. */
  tokens: number;
  /** By name, how many of them carried it. */
  readonly claims: Map<string, number>;
  readonly life: Span;
  readonly age: Span;
  readonly expiresIn: Span;
  readonly fingerprints: Set<string>;
  repeats: number;
};

/** The least and the most of something, in seconds. */
export type Span = { least: number; most: number };

export type Tally = {
  deliveries: number;
  /** Accepted deliveries, whether or not the line tells of their token. */
  accepted: number;
  readonly senders: Map<string, Seen>;
  /** Findings of accepted deliveries that a stricter setting would have refused. */
  readonly reported: Map<Reason, number>;
  /** Why deliveries were not answered 200. */
  readonly refused: Map<Reason, number>;
};

const SENDERS = ['call-automation', 'event-grid', 'vonage'];
const CLAIM = /^[\w.:-]{1,64}$/;

/** Reads a log, as large as it may be, and adds up what its delivery lines tell. */
export async function observed(log: NodeJS.ReadableStream): Promise<Tally> {
  const tally: Tally = {
    deliveries: 0,
    accepted: 0,
    senders: new Map(),
    reported: new Map(),
    refused: new Map(),
  };
  for await (const text of createInterface({ input: log, crlfDelay: Number.POSITIVE_INFINITY })) {
    for (const line of deliveryLinesIn(text)) add(tally, line);
  }
  return tally;
}

/** The lines come from a file that anybody may have written: what is kept of them is of a few known forms. */
function add(tally: Tally, line: Readonly<Record<string, unknown>>): void {
  const { delivery, verdict, reason, reported } = line;
  if (typeof delivery !== 'string' || !SENDERS.includes(delivery)) return;
  tally.deliveries++;
  if (isReason(reason)) count(tally.refused, reason);
  if (verdict !== 'accepted') return;
  tally.accepted++;
  for (const finding of Array.isArray(reported) ? reported : []) {
    if (isReason(finding)) count(tally.reported, finding);
  }
  addToken(tally, delivery, line);
}

function addToken({ senders }: Tally, sender: string, line: Readonly<Record<string, unknown>>): void {
  const { tokenClaims: claims, tokenFingerprint: fingerprint } = line;
  if (!Array.isArray(claims)) return;
  const seen = senders.get(sender) ?? newlySeen();
  senders.set(sender, seen);
  seen.tokens++;
  for (const name of claims) if (typeof name === 'string' && CLAIM.test(name)) count(seen.claims, name);
  widen(seen.life, line['tokenLifeSeconds']);
  widen(seen.age, line['tokenAgeSeconds']);
  widen(seen.expiresIn, line['tokenExpiresInSeconds']);
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

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
