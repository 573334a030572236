import type { HttpFunctionOptions } from '@azure/functions';
import type { Assembly } from '../shared/assembly.ts';
import { authorizeChecks } from '../shared/checks/call-automation.ts';
import { answerSubRequest } from '../shared/delivery/sub-request.ts';
import { invocationLog } from '../shared/telemetry/delivery-log.ts';

const route = 'authorize';

/**
 * `GET /api/authorize?for=callback` or `?for=media`: whether a reverse proxy should let a request of Call Automation
 * through, by its token and, where the proxy passes its URI on, by the key in that.
 */
export function authorization(assembly: Assembly, audiences: readonly string[]): HttpFunctionOptions {
  const { settings, clock } = assembly;
  const answer = answerSubRequest({
    route,
    checksFor: authorizeChecks(assembly, audiences),
    timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
    clock,
  });
  return {
    route,
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: (request, context) => answer(request, invocationLog(context)),
  };
}
