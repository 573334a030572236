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
import { reportMissedCall } from '../../../shared/providers/event-grid/index.ts';
import { deliveryRecord } from '../../../shared/telemetry/delivery-log.ts';
import { manualClock } from '../../clock.ts';
import { endpointOf } from '../../support/endpoints.ts';
import { callEvent, checking, pipelineOf, posted } from '../../support/pipeline.ts';

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
  const { deliver } = pipelineOf({ clock, checks, handlers: { CallConnected: () => clock.sleep(1500) } });
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
  const refused = checking('token', async () => reject('token-signature'));
  const out = checking('token', () => Promise.reject(new Outage('keys-unavailable')));
  await pipelineOf({ checks: [refused] }).deliver(posted());
  await pipelineOf({ checks: [out] }).deliver(posted());
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
      const { deliver } = pipelineOf();
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

const [CALLBACKS, INCOMING, VONAGE] = [
  'POST /api/callbacks/call-automation',
  'POST /api/events/incoming-call',
  'POST /api/callbacks/vonage/archive',
] as const;
const everySender = {
  EVENT_GRID_KEY_SECRET: 'grid-key',
  SECRET_GRID_KEY: 'the shared key of the tests, of 32 bytes or more',
  VONAGE_PROJECTS: '12345678',
  SECRET_VONAGE_12345678: 'the signature secret of the tests, of 32 bytes or more',
};

test.each([
  [CALLBACKS, 'Microsoft.Communication.PlayCompleted', 'Microsoft.Communication.PlayCompleted'],
  [INCOMING, 'Microsoft.Communication.IncomingCall', 'Microsoft.Communication.IncomingCall'],
  [VONAGE, 'archive:uploaded', 'archive:uploaded'],
  [VONAGE, 'archive:playCompleted', '_OTHER'],
  [VONAGE, 'broadcast:+15550100', '_OTHER'],
  [CALLBACKS, 'PlayCompleted', '_OTHER'],
])('of %s, an event of the type %s counts as %s', async (request, type, counted) => {
  const { exported } = register();
  const endpoint = endpointOf(request, { settings: everySender });
  deliveryRecord(endpoint, manualClock()).delivered(type, 'handled');
  const [point] = named(await exported(), 'ringward.delivery.events')?.points ?? [];
  expect(point?.attributes['ringward.event.type']).toBe(counted);
});

test('a call that had stopped ringing is counted, and logged', async () => {
  const { exported } = register();
  const logged: string[] = [];
  reportMissedCall((message) => void logged.push(message));
  expect(logged).toEqual([expect.stringMatching(/^{"ringward":"call-missed",/)]);
  expect(named(await exported(), 'ringward.calls.missed')?.points).toMatchObject([{ value: 1 }]);
});

test('an SDK that is registered after the first delivery measures those that follow', async () => {
  const { deliver } = pipelineOf();
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
  await pipelineOf().deliver(posted());
  expect(named(await exported(), 'ringward.delivery.duration')?.points).toHaveLength(1);
});

test('a provider that throws does not cost the sender its answer', async () => {
  metrics.setGlobalMeterProvider({
    getMeter: () => {
      throw new Error('broken');
    },
  });
  expect(await pipelineOf().deliver(posted())).toMatchObject({ status: 200, entry: { status: 200 } });
});
