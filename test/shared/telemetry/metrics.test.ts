import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { Outage, reject } from '../../../shared/errors.ts';
import { reasons } from '../../../shared/reasons.ts';
import { measureEvent } from '../../../shared/telemetry/metrics.ts';
import { tellMissedCall } from '../../../shared/telemetry/delivery-log.ts';
import { manualClock } from '../../clock.ts';
import { callEvent, checking, doorOf, posted } from '../../support/door.ts';

/** The real SDK, and what an exporter is handed by it. */
function registered() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    provider,
    async exported() {
      exporter.reset();
      await reader.forceFlush();
      const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      return found.flatMap(({ metrics: each }) =>
        each.map(({ descriptor, dataPoints }) => ({
          name: descriptor.name,
          unit: descriptor.unit,
          points: dataPoints.map(({ attributes, value }) => ({ attributes, value })),
        })),
      );
    },
  };
}

function register() {
  const sdk = registered();
  metrics.setGlobalMeterProvider(sdk.provider);
  return sdk;
}

afterEach(() => metrics.disable());

const named = (exported: Awaited<ReturnType<ReturnType<typeof registered>['exported']>>, name: string) =>
  exported.find((metric) => metric.name === name);

test('a delivery is measured by provider, route, verdict and status, in seconds', async () => {
  const { exported } = register();
  const clock = manualClock();
  const checks = [
    checking('token', async () => ({ keyAge: 61.4, reported: ['source-address-foreign' as const] })),
  ];
  const { deliver } = doorOf({ clock, checks, handlers: { CallConnected: () => clock.sleep(1500) } });
  const delivery = deliver(posted());
  await clock.advance(1500);
  await delivery;
  const found = await exported();
  const provider = { 'ringward.provider': 'call-automation' };
  expect(named(found, 'ringward.delivery.duration')).toMatchObject({
    unit: 's',
    points: [
      {
        attributes: {
          ...provider,
          'http.route': 'callbacks/call-automation',
          'http.response.status_code': 200,
          'ringward.verdict': 'accepted',
        },
        value: { count: 1, sum: 1.5 },
      },
    ],
  });
  expect(named(found, 'ringward.delivery.events')).toEqual({
    name: 'ringward.delivery.events',
    unit: '{event}',
    points: [
      {
        attributes: {
          ...provider,
          'ringward.event.type': 'Microsoft.Communication.CallConnected',
          'ringward.event.outcome': 'handled',
        },
        value: 1,
      },
    ],
  });
  expect(named(found, 'ringward.delivery.reports')?.points).toEqual([
    { attributes: { ...provider, 'ringward.reason': 'source-address-foreign' }, value: 1 },
  ]);
  expect(named(found, 'ringward.issuer_keys.age')?.points).toEqual([{ attributes: provider, value: 61 }]);
});

test('a delivery that was not answered 200 is measured with its reason as the type of error', async () => {
  const { exported } = register();
  const refused = checking('token', () => reject('token-signature'));
  const out = checking('token', () => Promise.reject(new Outage('keys-unavailable')));
  await doorOf({ checks: [refused] }).deliver(posted());
  await doorOf({ checks: [out] }).deliver(posted());
  const points = named(await exported(), 'ringward.delivery.duration')?.points ?? [];
  expect(points.map(({ attributes }) => [attributes['ringward.verdict'], attributes['error.type']])).toEqual([
    ['rejected', 'token-signature'],
    ['unavailable', 'keys-unavailable'],
  ]);
});

test('no attribute takes a value that a sender chose, whatever a genuine event is called', async () => {
  const { exported } = register();
  const types = fc.string({ unit: 'grapheme' });
  await fc.assert(
    fc.asyncProperty(types, types, async (type, id) => {
      const { deliver } = doorOf();
      await deliver(posted({ body: JSON.stringify([callEvent({ type: `x${type}`, id: `${id}-` })]) }));
    }),
    { numRuns: 50 },
  );
  const attributes = (await exported()).flatMap(({ points }) => points.map((point) => point.attributes));
  const allowed: Record<string, RegExp> = {
    'ringward.provider': /^call-automation$/,
    'http.route': /^callbacks\/call-automation$/,
    'http.response.status_code': /^\d{3}$/,
    'ringward.verdict': /^(accepted|rejected|unavailable)$/,
    'error.type': new RegExp(`^(${Object.keys(reasons).join('|')})$`),
    'ringward.event.type': /^_OTHER$/,
    'ringward.event.outcome': /^[a-z-]{1,30}$/,
  };
  expect(attributes.length).toBeGreaterThan(0);
  for (const set of attributes) {
    for (const [name, value] of Object.entries(set))
      expect(String(value)).toMatch(allowed[name] ?? /^never$/);
  }
});

test.each([
  ['Microsoft.Communication.PlayCompleted', 'Microsoft.Communication.PlayCompleted'],
  ['Microsoft.Communication.IncomingCall', 'Microsoft.Communication.IncomingCall'],
  ['archive:uploaded', 'archive:uploaded'],
  ['archive:playCompleted', '_OTHER'],
  ['broadcast:+15550100', '_OTHER'],
  ['PlayCompleted', '_OTHER'],
])('an event of the type %s counts as %s', async (type, counted) => {
  const { exported } = register();
  measureEvent('vonage', type, 'handled');
  const [point] = named(await exported(), 'ringward.delivery.events')?.points ?? [];
  expect(point?.attributes['ringward.event.type']).toBe(counted);
});

test('a call that had stopped ringing is counted, and told in the log', async () => {
  const { exported } = register();
  const logged: string[] = [];
  tellMissedCall((message) => void logged.push(message));
  expect(logged).toEqual([expect.stringMatching(/^{"ringward":"call-missed",/)]);
  expect(named(await exported(), 'ringward.calls.missed')?.points).toMatchObject([{ value: 1 }]);
});

test('an SDK that is registered after the first delivery measures those that follow', async () => {
  const { deliver } = doorOf();
  await deliver(posted());
  const { exported } = register();
  await deliver(posted());
  expect(named(await exported(), 'ringward.delivery.duration')?.points[0]?.value).toMatchObject({ count: 1 });
});

test('an SDK of the next minor version of the API is used too, since that is the newer one', async () => {
  const { provider, exported } = registered();
  const symbol = Symbol.for('opentelemetry.js.api.1');
  // As a copy of the API that came with another SDK leaves it for the others.
  (globalThis as Record<symbol, unknown>)[symbol] = { version: '1.10.0', metrics: provider };
  await doorOf().deliver(posted());
  expect(named(await exported(), 'ringward.delivery.duration')?.points).toHaveLength(1);
});

test('a provider that throws does not cost the sender its answer', async () => {
  metrics.setGlobalMeterProvider({
    getMeter: () => {
      throw new Error('broken');
    },
  });
  expect(await doorOf().deliver(posted())).toMatchObject({ status: 200, line: { status: 200 } });
});
