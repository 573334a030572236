import type { HttpFunctionOptions } from '@azure/functions';
import type { Part } from '../shared/health.ts';

/**
 * `GET /api/health`: whether this instance could prove and record a delivery now, from what it knows already. Anybody
 * may ask, so it asks nobody, and tells which part is out to the log alone.
 */
export function health(parts: Readonly<Record<string, Pick<Part, 'isOut'>>>): HttpFunctionOptions {
  return {
    route: 'health',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: (_request, context) => {
      const out = Object.keys(parts).filter((name) => parts[name]?.isOut());
      if (out.length > 0) context.warn(JSON.stringify({ ringward: 'unhealthy', out }));
      return {
        status: out.length > 0 ? 503 : 200,
        jsonBody: { status: out.length > 0 ? 'unavailable' : 'ok' },
        headers: { 'cache-control': 'no-store' },
      };
    },
  };
}
