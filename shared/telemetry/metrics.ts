import { createNoopMeter, metrics } from '@opentelemetry/api';
import type { Attributes, MeterProvider } from '@opentelemetry/api';

/*
 * The metrics of a delivery. Only the API of OpenTelemetry is used: without a registered SDK every instrument is a no-op.
 * Names, units and attributes follow its conventions. An attribute has one of a few known values, never one that a sender
 * chose.
 *
 * https://opentelemetry.io/docs/specs/semconv/general/metrics/
 */

/** Those that the conventions advise for requests, and beyond them up to the default timeout of a handler. */
const BOUNDARIES_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 30,
];

function instrumentsOf(provider: MeterProvider) {
  const meter = provider.getMeter('ringward');
  return {
    provider,
    isEnabled: meter !== createNoopMeter(),
    duration: meter.createHistogram('ringward.delivery.duration', {
      description: 'From the arrival of a delivery to its response',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES_SECONDS },
    }),
    events: meter.createCounter('ringward.delivery.events', {
      description: 'Events of verified deliveries, by outcome',
      unit: '{event}',
    }),
    reports: meter.createCounter('ringward.delivery.reports', {
      description: 'Findings for which a stricter setting would refuse the delivery',
      unit: '{report}',
    }),
    keyAge: meter.createGauge('ringward.issuer_keys.age', {
      description: 'Age of the issuer keys when they last verified a token',
      unit: 's',
    }),
    missed: meter.createCounter('ringward.calls.missed', {
      description: 'Incoming calls that stopped ringing before their event arrived',
      unit: '{call}',
    }),
  };
}

type Instruments = ReturnType<typeof instrumentsOf>;
let instruments: Instruments | undefined;

/** An SDK may be registered at any time, also after this file was loaded. Without one, nothing is measured. */
function measure(record: (instruments: Instruments) => void): void {
  try {
    const provider = metrics.getMeterProvider();
    if (instruments?.provider !== provider) instruments = instrumentsOf(provider);
    if (instruments.isEnabled) record(instruments);
  } catch {
    // Metrics that fail must not cost the sender its response.
  }
}

/** The members of a delivery log entry that are measured. */
type Measured = {
  readonly delivery: string;
  readonly route: string;
  readonly verdict: string;
  readonly status: number;
  readonly reason?: string | undefined;
  readonly milliseconds: number;
  readonly reported?: readonly string[] | undefined;
  readonly keyAgeSeconds?: number | undefined;
};

/** Measures a delivery that was answered. */
export function measureDelivery(entry: Measured): void {
  measure(({ duration, reports, keyAge }) => {
    const { delivery, route, verdict, status, reason, milliseconds, reported = [], keyAgeSeconds } = entry;
    const provider = { 'ringward.provider': delivery };
    const attributes: Attributes = {
      ...provider,
      'http.route': route,
      'http.response.status_code': status,
      'ringward.verdict': verdict,
      ...(reason && { 'error.type': reason }),
    };
    duration.record(milliseconds / 1000, attributes);
    if (keyAgeSeconds !== undefined) keyAge.record(keyAgeSeconds, provider);
    for (const finding of reported) reports.add(1, { ...provider, 'ringward.reason': finding });
  });
}

/** Counts one event of a verified delivery. @param type one of a few that the provider lists, or `_OTHER` */
export function measureEvent(provider: string, type: string, outcome: string): void {
  measure(({ events }) =>
    events.add(1, {
      'ringward.provider': provider,
      'ringward.event.type': type,
      'ringward.event.outcome': outcome,
    }),
  );
}

/** Counts a call that stopped ringing before its event arrived. */
export function measureMissedCall(): void {
  measure(({ missed }) => missed.add(1, { 'ringward.provider': 'event-grid' }));
}
