import type { HttpFunctionOptions } from '@azure/functions';
import { calls } from '../handlers/calls.ts';
import type { Assembly } from '../shared/assembly.ts';
import { newReference } from '../shared/calls/uris.ts';
import { incomingCallChecks, permissionChecks } from '../shared/checks/incoming-call.ts';
import { answerHandshake, grantWebhook } from '../shared/delivery/event-grid-handshake.ts';
import { eventGrid, INCOMING_CALL } from '../shared/delivery/event-grid.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import type { CallHandlers } from '../shared/events/handlers.ts';
import { invocationLog, tellMissedCall } from '../shared/telemetry/delivery-log.ts';

const route = 'events/incoming-call';

/** `POST` and `OPTIONS /api/events/incoming-call`: a call rings, as Event Grid tells, and its two handshakes. */
export function incomingCalls(assembly: Assembly): HttpFunctionOptions {
  const { settings, clock, ledger, calls: actions } = assembly;
  const { incoming }: CallHandlers = calls;

  const door = {
    provider: eventGrid(settings.EVENT_GRID_TOPICS),
    route,
    replayRules: () => [],
    ledger,
    leaseSeconds: settings.LEDGER_LEASE_SECONDS,
    timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
    clock,
  };
  const deliver = frontDoor({
    ...door,
    checks: incomingCallChecks(assembly),
    respond: answerHandshake,
    handlerFor: ({ event }) => {
      if (!incoming || event.type !== INCOMING_CALL) return undefined;
      return (context) => {
        const reference = newReference();
        const ring = actions.ring(event, reference, context.signal);
        if (ring.missed) tellMissedCall(context.log);
        return incoming(event, { ...context, reference, ring, placeCall: actions.placeCall });
      };
    },
  });
  const grant = frontDoor({
    ...door,
    checks: permissionChecks(assembly),
    respond: grantWebhook,
    handlerFor: () => undefined,
  });

  return {
    route,
    methods: ['POST', 'OPTIONS'],
    authLevel: 'anonymous',
    handler: (request, context) =>
      (request.method === 'OPTIONS' ? grant : deliver)(request, invocationLog(context)),
  };
}
