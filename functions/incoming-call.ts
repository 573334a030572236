import type { HttpFunctionOptions } from '@azure/functions';
import { calls } from '../handlers/calls.ts';
import type { Assembly } from '../shared/assembly.ts';
import { newReference } from '../shared/calls/reference.ts';
import { answerHandshake, grantWebhook } from '../shared/delivery/event-grid-handshake.ts';
import { eventGrid, INCOMING_CALL } from '../shared/delivery/event-grid.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import type { CallHandlers } from '../shared/events/handlers.ts';
import { invocationLog } from '../shared/telemetry/invocation-log.ts';
import { tellMissedCall } from '../shared/telemetry/missed-call.ts';
import { entraToken } from '../shared/verification/event-grid/entra-token.ts';
import { subscriptionName } from '../shared/verification/event-grid/subscription.ts';
import { webhookRequest } from '../shared/verification/event-grid/webhook-request.ts';
import { sharedKey } from '../shared/verification/shared-key.ts';

const route = 'events/incoming-call';

/** `POST` and `OPTIONS /api/events/incoming-call`: a call rings, as Event Grid tells, and its two handshakes. */
export function incomingCalls(assembly: Assembly): HttpFunctionOptions {
  const { settings, clock, ledger, eventGridRing, calls: actions } = assembly;
  const { incoming }: CallHandlers = calls;
  const names = settings.EVENT_GRID_SUBSCRIPTIONS;
  const key = eventGridRing ? [sharedKey(eventGridRing)] : [];

  const door = {
    provider: eventGrid(settings.EVENT_GRID_TOPICS),
    route,
    bindingsOf: () => [],
    ledger,
    leaseSeconds: settings.LEDGER_LEASE_SECONDS,
    timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
    clock,
  };
  const deliver = frontDoor({
    ...door,
    checks: [
      ...(names ? [subscriptionName(names, { required: true })] : []),
      ...key,
      ...entraCheck(assembly),
    ],
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
  // Whether this handshake carries a token is documented nowhere, so it is not asked for.
  const grant = frontDoor({
    ...door,
    checks: [...(names ? [subscriptionName(names, { required: false })] : []), ...key, webhookRequest],
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

function entraCheck({ settings, entraKeys, clock }: Assembly) {
  const { EVENT_GRID_TENANT_ID: tenantId, EVENT_GRID_AUDIENCE: audiences } = settings;
  if (!entraKeys || !tenantId || !audiences) return [];
  const rules = {
    tenantId,
    audiences,
    senderAppId: settings.EVENT_GRID_SENDER_APP_ID,
    authority: settings.EVENT_GRID_AUTHORITY,
    toleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
  };
  return [entraToken({ rules, keys: entraKeys, clock })];
}
