import type { HttpFunctionOptions } from '@azure/functions';
import type { Dependency } from '../shared/health.ts';

/**
 * `GET /api/health`: whether this instance could verify and record a delivery now, from what it knows already. Anybody
 * may call it, so it asks no dependency. Only the log says which dependency is not available.
 */
export function health(
  dependencies: Readonly<Record<string, Pick<Dependency, 'isAvailable'>>>,
): HttpFunctionOptions {
  return {
    route: 'health',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: (_request, context) => {
      const out = Object.keys(dependencies).filter((name) => !dependencies[name]?.isAvailable());
      if (out.length > 0) context.warn(JSON.stringify({ ringward: 'unhealthy', out }));
      return {
        status: out.length > 0 ? 503 : 200,
        jsonBody: { status: out.length > 0 ? 'unavailable' : 'ok' },
        headers: { 'cache-control': 'no-store' },
      };
    },
  };
}
