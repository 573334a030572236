import type { HttpHandler } from '@azure/functions';
import type { Dependency } from '../shared/health.ts';
import type { LogVolume } from '../shared/telemetry/delivery-log.ts';

/**
 * `GET /api/health`: whether this instance could verify and record a delivery now, from what it knows already. Anybody
 * may call it, so it asks no dependency. Only the log says which dependency is not available.
 *
 * @param tolerated dependencies without which deliveries are answered all the same: then the answer is 200 `degraded`
 */
export function health(
  dependencies: Readonly<Record<string, Pick<Dependency, 'isAvailable'>>>,
  { admits }: Pick<LogVolume, 'admits'>,
  tolerated: readonly string[] = [],
): HttpHandler {
  return (_request, context) => {
    const out = Object.keys(dependencies).filter((name) => !dependencies[name]?.isAvailable());
    if (out.length > 0 && admits('warn', { ringward: 'unhealthy', out: out.join() })) {
      context.warn(JSON.stringify({ ringward: 'unhealthy', level: 'warn', out }));
    }
    const isUnavailable = out.some((name) => !tolerated.includes(name));
    const status = isUnavailable ? 'unavailable' : out.length > 0 ? 'degraded' : 'ok';
    return {
      status: isUnavailable ? 503 : 200,
      jsonBody: { status },
      headers: { 'cache-control': 'no-store' },
    };
  };
}
