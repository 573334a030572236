import { describe, expect, test } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { findEndpoint } from '../../../shared/delivery/endpoint.ts';
import { providers } from '../../../shared/providers/index.ts';
import type { Route } from '../../../shared/providers/provider.ts';
import { readSettings, settingsTable } from '../../../shared/settings/settings.ts';
import { coreRows, exampleOf } from '../../../shared/settings/table.ts';
import type { SettingRow } from '../../../shared/settings/table.ts';
import { manualClock } from '../../clock.ts';

/** The examples of the settings enable every sender. */
const examples = Object.fromEntries(
  Object.entries<SettingRow>(settingsTable).map(([name, row]) => [name, exampleOf(row)]),
);
const { senders } = createApp(readSettings({ ...examples, LEDGER: 'memory' }), {}, manualClock());

/** Whether the platform passes a path to a route. A parameter in braces is one segment. */
const serves = (route: Route, path: string) =>
  new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
const isUnique = (names: readonly string[]) => new Set(names).size === names.length;

test('each sender is created where its settings enable it', () => {
  expect(senders.map(({ provider }) => provider.name)).toEqual(providers.map(({ name }) => name));
});

test('no two senders share a name, a function or a route', () => {
  const routes = providers.flatMap((provider): readonly Route[] => provider.routes);
  expect(isUnique(providers.map(({ name }) => name))).toBe(true);
  expect(isUnique(routes.map(({ name }) => name))).toBe(true);
  expect(isUnique(routes.map(({ path }) => path))).toBe(true);
});

test('a setting of two senders is one row, and none is also a common one', () => {
  const rows = new Map<string, SettingRow>();
  for (const [name, row] of providers.flatMap((one) => Object.entries<SettingRow>(one.settings))) {
    expect(rows.get(name) ?? row).toBe(row);
    rows.set(name, row);
  }
  expect(Object.keys(coreRows).filter((name) => rows.has(name))).toEqual([]);
});

test('no two senders have a dependency of the same name', () => {
  expect(isUnique(senders.flatMap(({ dependencies }) => Object.keys(dependencies)))).toBe(true);
});

describe.each(senders.map((sender) => [sender.provider.name, sender] as const))('%s', (_name, sender) => {
  const { provider, endpoints } = sender;

  test('is enabled by settings of its own', () => {
    expect(provider.enabledBy).not.toEqual([]);
    expect(Object.keys(provider.settings)).toEqual(expect.arrayContaining([...provider.enabledBy]));
  });

  test.each(provider.routes)('has an endpoint for each method of $path, whatever the query', (route) => {
    const own = endpoints.filter((endpoint) => endpoint.function === route.name);
    for (const method of route.methods) {
      const paths = own.filter((endpoint) => endpoint.method === method).map(({ path }) => path);
      expect(paths).not.toEqual([]);
      for (const path of paths) {
        expect(findEndpoint(own, method, new URL(`https://app.example/api/${path}`))?.path).toBe(path);
      }
    }
  });

  test.each(endpoints)('has a route for $method $path ($query.value)', (endpoint) => {
    const route = provider.routes.find(({ name }) => name === endpoint.function);
    expect(route?.methods).toContain(endpoint.method);
    expect(route && serves(route, endpoint.path)).toBe(true);
    expect(endpoint.path).toBe(endpoint.path.toLowerCase());
  });

  test.each(endpoints)('checks $method $path ($query.value), and answers or delivers it', (endpoint) => {
    expect(endpoint.checks).not.toEqual([]);
    expect(endpoint.respond ?? endpoint.delivery).toBeDefined();
  });
});
