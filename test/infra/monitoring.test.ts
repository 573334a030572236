import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reasons } from '../../shared/reasons.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';
import { bicepFiles, everything, infra } from './bicep/walk.ts';

const read = (path: string) => readFileSync(join(infra, path), 'utf8');
/** What the queries of alerts and workbook begin with, by the name that stands for it. */
const bases = { deliveries: read('monitoring/deliveries.kql'), notes: read('monitoring/notes.kql') };
type Base = keyof typeof bases;

/** Every member that the line of a delivery can have; the compiler says when one is missing. */
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
};
const columnsOf = (base: Base) =>
  new Set([
    'TimeGenerated',
    'Host',
    ...[...bases[base].matchAll(/^ {4}(\w+) = /gm)].map(([, name]) => name!),
  ]);

test('the query of deliveries reads every member of the line, and no other', () => {
  const members = new Set([...bases.deliveries.matchAll(/\bLine\.(\w+)/g)].map(([, name]) => name!));
  expect([...members].toSorted()).toEqual(Object.keys(line).toSorted());
});

test.each(Object.entries(bases))(
  'the query of %s can stand in a string of JSON once its lines are escaped',
  (_, base) => {
    expect(base).not.toMatch(/["\\\r\t]/);
  },
);

/** Words of a query that begin like a column, but for those that it names itself. */
function strangers(query: string, base: Base = 'deliveries'): string[] {
  const columns = columnsOf(base);
  const named = new Set([...query.matchAll(/\b([A-Z]\w+) = /g)].map(([, name]) => name!));
  const plain = query.replaceAll(/'[^']*'/g, '').replaceAll(/\{Time:grain\}/g, '');
  return [...plain.matchAll(/\b[A-Z]\w+\b/g)]
    .map(([name]) => name)
    .filter((name) => !columns.has(name) && !named.has(name));
}

describe('alerts', () => {
  const alerts = bicepFiles().find(({ path }) => path === 'modules/alerts.bicep')!;
  const rules = alerts.statements
    .flatMap(({ value }) => (value ? [...everything(value)] : []))
    .flatMap((one) => {
      if (one.kind !== 'object') return [];
      const of = (key: string) => one.properties.find((property) => property.key === key)?.value;
      const [asks, query] = [of('asks'), of('query')];
      if (asks?.kind !== 'name' || query?.kind !== 'string') return [];
      return [{ base: asks.name as Base, query: query.parts.join('') }];
    });
  const queries = rules.map(({ query }) => query);

  test('ask only for what a delivery or a note has', () => {
    expect(rules).toHaveLength(5);
    expect(rules.flatMap(({ base, query }) => strangers(query, base))).toEqual([]);
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
  });

  test('count in a column that the rule measures', () => {
    for (const query of queries) expect(query).toMatch(/summarize Count = /);
    expect(alerts.source).toContain("metricMeasureColumn: 'Count'");
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

  test('is JSON with the queries in it, and asks only for what a delivery or a note has', () => {
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      const base = (Object.keys(bases) as Base[]).find((name) => query.startsWith(bases[name]))!;
      expect(strangers(query.slice(bases[base].length), base)).toEqual([]);
    }
  });

  test('has names that differ, and a time that is chosen once', () => {
    const names = items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { type, content } of items) {
      if (type === 3 || type === 10) expect(content.timeContextFromParameter).toBe('Time');
    }
  });
});

test('a column that a delivery does not have is found', () => {
  expect(strangers("| where Verdict == 'Rejected' and Colour == 'x' | summarize N = count() by N")).toEqual([
    'Colour',
  ]);
});
