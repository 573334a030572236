import type { HttpFunctionOptions } from '@azure/functions';
import type { App, EnabledSender } from '../shared/app.ts';
import { findEndpoint } from '../shared/delivery/endpoint.ts';
import { createPipeline } from '../shared/delivery/pipeline.ts';
import { refusalFor } from '../shared/delivery/response.ts';
import type { Route } from '../shared/providers/provider.ts';
import { invocationLog } from '../shared/telemetry/delivery-log.ts';

/** The HTTP trigger of one route. Each of its endpoints has a pipeline of its own. */
export function httpFunction(
  { settings, clock, ledger }: App,
  { endpoints }: EnabledSender,
  { name, path, methods }: Route,
): HttpFunctionOptions {
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
  return {
    route: path,
    methods: [...methods],
    // The senders cannot send the platform's function keys.
    authLevel: 'anonymous',
    async handler(request, context) {
      const endpoint = findEndpoint(served, request.method, new URL(request.url));
      if (endpoint) return endpoint.receive(request, invocationLog(context));
      // The route, not the path: the sender writes the path.
      const why = 'nothing serves this path or method of the route: compare the URI that the sender has';
      context.warn(JSON.stringify({ ringward: 'no-endpoint', level: 'warn', route: path, why }));
      return { status: 404 };
    },
  };
}

/**
 * The trigger of a route whose settings are faulty. Without it every route would be 404, after which senders give up; so
 * they are asked to retry until the settings are fixed.
 */
export const unavailableFunction = ({ path, methods, unavailableStatus }: Route): HttpFunctionOptions => ({
  route: path,
  methods: [...methods],
  authLevel: 'anonymous',
  handler: () => refusalFor('settings-faulty', unavailableStatus),
});
