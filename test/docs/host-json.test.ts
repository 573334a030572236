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
