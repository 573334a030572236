import { describe, expect, it } from 'vitest';
import { requireRoutes } from '../../../local/host/expected-routes.ts';
import type { RegisteredFunction } from '../../../local/host/functions-core.ts';
import { routeTable } from '../../../local/host/routes.ts';

const http = (name: string, route?: string, methods = ['POST']): RegisteredFunction => ({
  id: name,
  callback: () => {},
  metadata: {
    name,
    bindings: { trigger: { type: 'httpTrigger', direction: 'in', methods, ...(route ? { route } : {}) } },
  },
});
const find = (functions: RegisteredFunction[], method: string, path: string) =>
  routeTable(functions, 'api').find(method, path)?.fn.id;

describe('the route table', () => {
  it("takes the function's name where it has no route", () => {
    expect(find([http('Health', undefined, ['get'])], 'GET', '/api/health')).toBe('Health');
  });

  it('keeps methods apart', () => {
    const two = [http('read', 'thing', ['GET']), http('write', 'thing', ['POST', 'PUT'])];
    expect(['GET', 'PUT', 'DELETE'].map((method) => find(two, method, '/api/thing'))).toEqual([
      'read',
      'write',
      undefined,
    ]);
  });

  it('asks the functions in the order of their names, as the host does', () => {
    const two = [http('b', 'x/{any}'), http('A', 'x/{*rest}')];
    expect(find(two, 'POST', '/api/x/1')).toBe('A');
  });

  it.each<[string, RegisteredFunction[], RegExp]>([
    ['two claims to one route', [http('a', 'x/{p}'), http('b', '/X/{q}/')], /"a" and "b" both claim POST/],
    ["a route of the host's", [http('a', 'administration')], /one of the host's own/],
    ['a name that is none', [http('a b')], /"a b" is not a valid function name/],
    ["the host's own name", [http('Host')], /not a valid function name/],
  ])('refuses %s', (_, functions, message) => {
    expect(() => routeTable(functions, 'api')).toThrow(message);
  });
});

describe('expected routes', () => {
  const table = routeTable(
    [http('calls'), http('vonage', 'callbacks/vonage/{kind}', ['POST', 'OPTIONS'])],
    'api',
  );

  it.each([
    'POST /api/calls',
    'post,options /api/callbacks/vonage/{Kind}',
    'POST /api/callbacks/vonage/archive',
  ])('%s is there', (expected) => {
    expect(() => requireRoutes([expected], table)).not.toThrow();
  });

  it('have to be written as routes', () => {
    expect(() => requireRoutes(['/api/calls'], table)).toThrow(/"\/api\/calls" is no route/);
  });

  it('are all named that are missing, with all that are there', () => {
    const expected = ['GET /api/calls', 'POST /api/callbacks/vonage/{other}', 'POST /api/calls'];
    expect(() => requireRoutes(expected, table)).toThrow(
      'Not registered: GET /api/calls, POST /api/callbacks/vonage/{other}. ' +
        'Registered: POST /api/calls, POST /api/callbacks/vonage/{kind}, OPTIONS /api/callbacks/vonage/{kind}.',
    );
  });
});
