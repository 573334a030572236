import type { RegisteredFunction } from './functions-core.ts';
import { HostError } from './host-error.ts';
import { parseTemplate } from './template.ts';

export interface ServedRoute {
  /** The function's name. */
  readonly function: string;
  /** In capitals. */
  readonly methods: readonly string[];
  /** With the prefix, as registered: `/api/callbacks/vonage/{kind}`. */
  readonly path: string;
}

export interface RouteTable {
  readonly routes: readonly ServedRoute[];
  /** Whether a function is registered for that method under a template that reads the same. */
  has(method: string, template: string): boolean;
  /** The first function whose route and methods fit, in the host's order: by name. A wrong method fits nothing. */
  find(method: string, path: string): { fn: RegisteredFunction; params: Record<string, string> } | undefined;
}

/**
 * The routes of the functions that have an HTTP trigger; the others are left out.
 * @param prefix `extensions.http.routePrefix` of host.json, without slashes; may be empty.
 * @throws HostError when two functions claim the same method and route, which would leave one of them unreachable, or
 * when a name or a route is one that the real host refuses.
 */
export function routeTable(functions: Iterable<RegisteredFunction>, prefix: string): RouteTable {
  const rows = [...functions]
    .filter((fn) => httpTrigger(fn))
    .sort((a, b) => compareNames(a.metadata.name, b.metadata.name))
    .map((fn) => ({ fn, ...readRoute(fn, prefix) }));

  const claimed = new Map<string, string>();
  for (const { function: name, methods, path, template } of rows) {
    for (const method of methods) {
      const other = claimed.get(`${method} ${template.shape}`);
      if (other !== undefined) {
        throw new HostError(`The functions "${other}" and "${name}" both claim ${method} ${path}.`);
      }
      claimed.set(`${method} ${template.shape}`, name);
    }
  }

  return {
    routes: rows.map(({ function: name, methods, path }) => ({ function: name, methods, path })),
    has(method, template) {
      const { plain } = parseTemplate(template);
      return rows.some((row) => row.methods.includes(method) && row.template.plain === plain);
    },
    find(method, path) {
      for (const { fn, methods, template } of rows) {
        const params = methods.includes(method) ? template.match(path) : undefined;
        if (params) return { fn, params };
      }
      return undefined;
    },
  };
}

export function httpTrigger(fn: RegisteredFunction) {
  return Object.entries(fn.metadata.bindings).find(([, { type }]) => type.toLowerCase() === 'httptrigger');
}

function readRoute(fn: RegisteredFunction, prefix: string) {
  const { name } = fn.metadata;
  // The two rules below are the host's own (Utility.IsValidFunctionName, ScriptHost.ValidateHttpFunction).
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name) || name.toLowerCase() === 'host') {
    throw new HostError(`"${name}" is not a valid function name.`);
  }
  const [, binding] = httpTrigger(fn) ?? [];
  const route = (binding?.route?.trim() || name).replace(/^\/+|\/+$/g, '');
  if (/^(admin|runtime)/i.test(route)) {
    throw new HostError(
      `The route "${route}" of function "${name}" begins like one of the host's own (admin, runtime).`,
    );
  }
  const path = prefix === '' ? `/${route}` : `/${prefix}/${route}`;
  const methods = [...new Set((binding?.methods ?? []).map((method) => method.toUpperCase()))];
  return { function: name, methods, path, template: parseTemplate(path) };
}

function compareNames(a: string, b: string): number {
  const [left, right] = [a.toUpperCase(), b.toUpperCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}
