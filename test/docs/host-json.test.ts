import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('host.json lets no query string, and so no callback key, into the log of the platform', async () => {
  const { logging } = JSON.parse(await readFile('host.json', 'utf8'));
  // It logs the address of each request with its query string, at Information.
  expect(logging.logLevel['Microsoft.AspNetCore.Hosting.Diagnostics']).toBe('Warning');
  // In streaming mode, which a fork may turn on, it passes each request on by HTTP and records its address.
  expect(logging.applicationInsights.enableDependencyTracking).toBe(false);
  // Off where it is not named: it would keep the query string in the record of each request.
  expect(logging.applicationInsights).not.toHaveProperty('enableQueryStringTracing');
});

test('host.json drops no delivery log entry, and none of the notes', async () => {
  const { logging } = JSON.parse(await readFile('host.json', 'utf8'));
  // Sampling is on by default: beside a flood it lost two of three entries of genuine deliveries.
  expect(logging.applicationInsights.samplingSettings).toEqual({ isEnabled: true, excludedTypes: 'Trace' });
  // What the app writes outside an invocation: notes about outages and rotations.
  expect(logging.logLevel['Host.Function.Console']).toBe('Information');
});

test('Live Metrics shows no more than the log', async () => {
  const { logging } = JSON.parse(await readFile('host.json', 'utf8'));
  // It ignores the log levels otherwise, and would show addresses with their query strings.
  expect(logging.applicationInsights.enableLiveMetricsFilters).toBe(true);
});
