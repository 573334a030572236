import type { HttpFunctionOptions } from '@azure/functions';
import type { Assembly } from '../shared/assembly.ts';
import { callAutomationChecks } from '../shared/checks.ts';
import { answerSubRequest } from '../shared/delivery/sub-request.ts';
import { invocationLog } from '../shared/telemetry/invocation-log.ts';
import type { Check } from '../shared/verification/check.ts';
import { onOriginalUri } from '../shared/verification/original-uri.ts';
import { reject } from '../shared/verification/verdict.ts';

const route = 'authorize';

/** Asked for neither of them, or for both. */
const noPurpose: Check = { name: 'sub-request', run: () => reject('sub-request-purpose') };

/**
 * `GET /api/authorize?for=callback` or `?for=media`: whether a reverse proxy should let a request of Call Automation
 * through, by its token and, where the proxy passes its URI on, by the key in that.
 */
export function authorization(assembly: Assembly, audiences: readonly string[]): HttpFunctionOptions {
  const { settings, clock } = assembly;
  const { callbackKey, callbackToken, mediaTicket, mediaToken } = callAutomationChecks(assembly, audiences);
  const checks = new Map<string, readonly Check[]>([
    ['callback', [onOriginalUri(callbackKey), callbackToken]],
    ['media', [onOriginalUri(mediaTicket), mediaToken]],
  ]);
  const answer = answerSubRequest({
    route,
    checksFor: (url) => checks.get(url.searchParams.getAll('for').join()) ?? [noPurpose],
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
