import { HostError } from './host-error.ts';
import type { RouteTable } from './routes.ts';

/**
 * Refuses an app that lacks a route it should have, instead of serving without it.
 * @param expected entries such as `POST /api/callbacks/vonage/{kind}`, several methods joined by commas. A path with
 * parameters names a template; one without names a template or a path that one of them serves.
 * @throws HostError that lists every missing route and every one there is.
 */
export function requireRoutes(expected: readonly string[], table: RouteTable): void {
  const missing = expected
    .flatMap(readExpectation)
    .filter(({ method, path }) => !serves(table, method, path));
  if (missing.length === 0) return;
  const there = table.routes.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
  throw new HostError(
    `Not registered: ${missing.map(({ method, path }) => `${method} ${path}`).join(', ')}. ` +
      `Registered: ${there.join(', ')}.`,
  );
}

function readExpectation(text: string): { method: string; path: string }[] {
  const [, methods, path] = /^([a-z,]+)\s+(\/\S*)$/i.exec(text.trim()) ?? [];
  if (methods === undefined || path === undefined) {
    throw new HostError(`"${text}" is no route; write it like "POST /api/name".`);
  }
  return methods.split(',').map((method) => ({ method: method.toUpperCase(), path }));
}

function serves(table: RouteTable, method: string, path: string): boolean {
  return table.has(method, path) || (!path.includes('{') && table.find(method, path) !== undefined);
}
