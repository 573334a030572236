import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reasons } from '../../shared/reasons.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { infra } from './bicep.ts';
import { kustoAnalyzer } from './kusto.ts';

const read = (path: string) => readFileSync(join(infra, path), 'utf8');
/** What the queries of alerts and workbook begin with, by the name that stands for it. */
const bases = { deliveries: read('monitoring/deliveries.kql'), notes: read('monitoring/notes.kql') };
type Base = keyof typeof bases;

/** Every member that the log entry of a delivery can have; the compiler says when one is missing. */
const line: Required<{ [Member in keyof DeliveryLogEntry]: true }> = {
  delivery: true,
  route: true,
  verdict: true,
  reason: true,
  why: true,
  status: true,
  milliseconds: true,
  stages: true,
  checks: true,
  events: true,
  outcomes: true,
  reference: true,
  tokenFingerprint: true,
  keyAgeSeconds: true,
  tokenClaims: true,
  tokenLifeSeconds: true,
  tokenAgeSeconds: true,
  tokenExpiresInSeconds: true,
  reported: true,
  count: true,
};
const analyze = kustoAnalyzer();

type Rule = {
  readonly name: string;
  readonly base: Base | '';
  readonly query: string;
  readonly window: string;
  readonly dimensions: readonly string[];
};
const rules = (JSON.parse(read('monitoring/alerts.json')) as readonly Rule[]).map((rule) => ({
  ...rule,
  whole: (rule.base && bases[rule.base]) + rule.query,
}));

test('the query of deliveries reads every member of the line, and no other', () => {
  const named = bases.deliveries.matchAll(/\bLine(?:\.|\[')(\w+)/g);
  const members = new Set([...named].map(([, name]) => name!));
  expect([...members].toSorted()).toEqual(Object.keys(line).toSorted());
});

test.each(Object.entries(bases))(
  'the query of %s can stand in a string of JSON once its lines are escaped',
  (_, base) => {
    expect(base).not.toMatch(/["\\\r\t]/);
  },
);

test('a fault in a query is found', () => {
  expect(analyze(`${bases.deliveries}| where Colour == 'red'`).faults).toEqual([
    expect.stringContaining("'Colour' does not refer to any known column"),
  ]);
  expect(analyze('AppTraces | whre true').faults).not.toEqual([]);
});

test.each(Object.entries(bases))('the query of %s is valid', (_, base) => {
  expect(analyze(base).faults).toEqual([]);
});

describe('alerts', () => {
  const queries = rules.map(({ query }) => query);

  test.each(rules)('$name has a valid query, whose result has a count and its dimensions', (rule) => {
    const { faults, columns } = analyze(rule.whole);
    expect(faults).toEqual([]);
    expect(['long', 'real']).toContain(columns['Count']);
    const { Count: _, ...others } = columns;
    expect(Object.keys(others).toSorted()).toEqual(rule.dimensions.toSorted());
    expect(Object.values(others).every((type) => type === 'string')).toBe(true);
  });

  test('reach the template, which measures the count', () => {
    const template = read('modules/alerts.bicep');
    expect(template).toContain("loadJsonContent('../monitoring/alerts.json')");
    expect(template).toContain("metricMeasureColumn: 'Count'");
    for (const name of ['refusals', 'log-volume']) expect(rules.map((rule) => rule.name)).toContain(name);
  });

  test('look for notes and reasons that there are', () => {
    const named = queries.flatMap((query) =>
      [...query.matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map(([, name]) => name!),
    );
    expect(named.length).toBeGreaterThan(3);
    const notes = ['keys-refresh-failed', 'secret-refresh-failed'];
    const written = ['verification/key-set.ts', 'secrets/vault-versions.ts'].map((path) =>
      read(`../shared/${path}`),
    );
    for (const [index, note] of notes.entries()) expect(written[index]).toContain(`'${note}'`);
    expect(named.filter((name) => !(name in reasons) && !notes.includes(name))).toEqual([]);
  });

  test('are not raised by the reasons of 503 that a forged request can cause', () => {
    const unavailable = queries.find((query) => query.includes('Status in (503, 504)'));
    for (const reason of ['callback-unsigned', 'callback-key-unconfirmed', 'token-key-unconfirmed']) {
      expect(Object.keys(reasons)).toContain(reason);
      expect(unavailable).toMatch(new RegExp(`Reason !in \\([^)]*'${reason}'`));
    }
    // Twilio signs the body, so no check comes before the one that misses it.
    expect(unavailable).toContain("and not(Reason == 'body-chunked' and Provider == 'twilio')");
  });

  test('are not raised by a status alone: a stranger can make the host answer 500', () => {
    for (const { query, base } of rules) if (/Status/.test(query)) expect(base).toBe('deliveries');
    expect(queries.join()).not.toMatch(/AppRequests|Http5xx|ResultCode/);
  });
});

describe('the workbook', () => {
  const source = read('monitoring/workbook.json')
    .replaceAll(/<(deliveries|notes)>/g, (_, base: Base) => bases[base].replaceAll('\n', String.raw`\n`))
    .replaceAll('<system topic>', '/subscriptions/x');
  const { items } = JSON.parse(source) as {
    items: { type: number; name: string; content: { query?: string; timeContextFromParameter?: string } }[];
  };
  const queries = items.flatMap(({ content }) => content.query ?? []);

  test('is JSON with valid queries in it', () => {
    expect(queries.length).toBeGreaterThan(5);
    const faults = queries.flatMap((query) => analyze(query.replaceAll('{Time:grain}', '1h')).faults);
    expect(faults).toEqual([]);
  });

  test('has names that differ, and a time that is chosen once', () => {
    const names = items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { type, content } of items) {
      if (type === 3 || type === 10) expect(content.timeContextFromParameter).toBe('Time');
    }
  });
});
