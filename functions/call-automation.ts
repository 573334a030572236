import type { HttpFunctionOptions } from '@azure/functions';
import { calls } from '../handlers/calls.ts';
import type { Assembly } from '../shared/assembly.ts';
import { callbackChecks } from '../shared/checks/call-automation.ts';
import { callAutomation, callEventHandler } from '../shared/delivery/call-automation.ts';
import { callBindings } from '../shared/delivery/call-bindings.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import type { CallHandlers } from '../shared/events/handlers.ts';
import { invocationLog } from '../shared/telemetry/delivery-log.ts';

const route = 'callbacks/call-automation';

/** `POST /api/callbacks/call-automation`: the events of a call, as Azure Communication Services posts them. */
export function callAutomationCallbacks(
  assembly: Assembly,
  audiences: readonly string[],
): HttpFunctionOptions {
  const { settings, clock, ledger, calls: actions } = assembly;
  const { events = {} }: CallHandlers = calls;

  const deliver = frontDoor({
    provider: callAutomation,
    route,
    checks: callbackChecks(assembly, audiences),
    replayRules: callBindings({
      tokenReuse: settings.TOKEN_REUSE,
      callBinding: settings.CALL_BINDING,
      toleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
      clock,
    }),
    handlerFor: callEventHandler(events, (event, context) => ({
      ...context,
      call: actions.call(event.data.callConnectionId, context.reference),
      placeCall: actions.placeCall,
    })),
    ledger,
    leaseSeconds: settings.LEDGER_LEASE_SECONDS,
    timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
    clock,
  });

  return {
    route,
    methods: ['POST'],
    // The platform's function keys are no part of the proof: Azure Communication Services cannot send them.
    authLevel: 'anonymous',
    handler: (request, context) => deliver(request, invocationLog(context)),
  };
}
