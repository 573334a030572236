import type { HttpFunctionOptions } from '@azure/functions';

/** What lives elsewhere and is kept here: keys, secrets, the ledger. */
export type Part = {
  /** Whether it was out when it was last asked, so that deliveries that need it cannot be answered. Asks nothing. */
  isOut(): boolean;
};

/**
 * `GET /api/health`: whether this instance could prove and record a delivery now, from what it knows already. Anybody
 * may ask, so it asks nobody, and tells which part is out to the log alone.
 */
export function health(parts: Readonly<Record<string, Part | undefined>>): HttpFunctionOptions {
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
