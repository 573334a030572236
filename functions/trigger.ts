import type { HttpHandler } from '@azure/functions';
import type { App, EnabledSender } from '../shared/app.ts';
import { findEndpoint } from '../shared/delivery/endpoint.ts';
import { createPipeline } from '../shared/delivery/pipeline.ts';
import type { Route } from '../shared/providers/provider.ts';
import { invocationLog } from '../shared/telemetry/delivery-log.ts';

/** The handler of one route. Each of its endpoints has a pipeline of its own. */
export function trigger(
  { settings, clock, ledger, logVolume }: App,
  { endpoints }: EnabledSender,
  { name, path }: Route,
): HttpHandler {
  const served = endpoints
    .filter((endpoint) => endpoint.function === name)
    .map((endpoint) => ({
      ...endpoint,
      receive: createPipeline(endpoint, {
        ledger,
        leaseSeconds: settings.LEDGER_LEASE_SECONDS,
        timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
        clock,
      }),
    }));
  return async (request, context) => {
    const endpoint = findEndpoint(served, request.method, new URL(request.url));
    if (endpoint) return endpoint.receive(request, invocationLog(context, logVolume));
    // The route, not the path: the sender writes the path.
    if (logVolume.admits('warn', { ringward: 'no-endpoint', route: path })) {
      const why = 'nothing serves this path or method of the route: compare the URI that the sender has';
      context.warn(JSON.stringify({ ringward: 'no-endpoint', level: 'warn', route: path, why }));
    }
    return { status: 404 };
  };
}
