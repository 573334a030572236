import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DeliveryLine } from '../../shared/telemetry/delivery-record.ts';
import { bicepFiles, everything, infra } from './bicep/walk.ts';

const read = (path: string) => readFileSync(join(infra, path), 'utf8');
const deliveries = read('monitoring/deliveries.kql');

/** Every member that the line of a delivery can have; the compiler says when one is missing. */
const line: Required<{ [Member in keyof DeliveryLine]: true }> = {
  delivery: true,
  route: true,
  verdict: true,
  reason: true,
  status: true,
  milliseconds: true,
  stages: true,
  checks: true,
  events: true,
  outcomes: true,
  reference: true,
  tokenFingerprint: true,
  keyAgeSeconds: true,
  reported: true,
};
const columns = new Set([
  'TimeGenerated',
  'Host',
  ...[...deliveries.matchAll(/^ {4}(\w+) = /gm)].map(([, name]) => name!),
]);

test('the query of deliveries reads every member of the line, and no other', () => {
  const members = new Set([...deliveries.matchAll(/\bLine\.(\w+)/g)].map(([, name]) => name!));
  expect([...members].toSorted()).toEqual(Object.keys(line).toSorted());
});

test('the query of deliveries can stand in a string of JSON once its lines are escaped', () => {
  expect(deliveries).not.toMatch(/["\\\r\t]/);
});

/** Words of a query that begin like a column, but for those that it names itself. */
function strangers(query: string): string[] {
  const named = new Set([...query.matchAll(/\b([A-Z]\w+) = /g)].map(([, name]) => name!));
  const plain = query.replaceAll(/'[^']*'/g, '').replaceAll(/\{Time:grain\}/g, '');
  return [...plain.matchAll(/\b[A-Z]\w+\b/g)]
    .map(([name]) => name)
    .filter((name) => !columns.has(name) && !named.has(name));
}

describe('alerts', () => {
  const alerts = bicepFiles().find(({ path }) => path === 'modules/alerts.bicep')!;
  const queries = alerts.statements
    .flatMap(({ value }) => (value ? [...everything(value)] : []))
    .flatMap((one) => (one.kind === 'object' ? one.properties : []))
    .flatMap(({ key, value }) => (key === 'query' && value.kind === 'string' ? [value.parts.join('')] : []))
    .filter((query) => query.startsWith('|'));

  test('ask only for what a delivery has', () => {
    expect(queries).toHaveLength(4);
    expect(queries.flatMap(strangers)).toEqual([]);
  });

  test('count in a column that the rule measures', () => {
    for (const query of queries) expect(query).toMatch(/summarize Count = /);
    expect(alerts.source).toContain("metricMeasureColumn: 'Count'");
  });
});

describe('the workbook', () => {
  const source = read('monitoring/workbook.json')
    .replaceAll('<deliveries>', deliveries.replaceAll('\n', String.raw`\n`))
    .replaceAll('<system topic>', '/subscriptions/x');
  const { items } = JSON.parse(source) as {
    items: { type: number; name: string; content: { query?: string; timeContextFromParameter?: string } }[];
  };
  const queries = items.flatMap(({ content }) => content.query ?? []);

  test('is JSON with the query of deliveries in it, and asks only for what a delivery has', () => {
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      expect(query.startsWith(deliveries)).toBe(true);
      expect(strangers(query.slice(deliveries.length))).toEqual([]);
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
