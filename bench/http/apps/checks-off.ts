import { app } from '@azure/functions';
import { newReference } from '../../../shared/calls/uris.ts';
import { systemClock as clock } from '../../../shared/clock.ts';
import { callAutomation } from '../../../shared/delivery/call-automation.ts';
import { frontDoor } from '../../../shared/delivery/front-door.ts';
import { memoryLedger } from '../../../shared/ledger/memory.ts';
import { invocationLog } from '../../../shared/telemetry/delivery-log.ts';

// The pipeline without its checks: whoever comes is believed. It shows what the proof costs.
const reference = newReference();
const deliver = frontDoor({
  provider: callAutomation,
  route: 'callbacks/call-automation',
  checks: [{ name: 'none', run: async () => ({ reference }) }],
  replayRules: () => [],
  handlerFor:
    ({ event }) =>
    (context) =>
      context.log(event.type),
  ledger: memoryLedger(clock),
  leaseSeconds: 8,
  timeoutSeconds: 20,
  clock,
});
app.http('checks-off', {
  route: 'callbacks/call-automation',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: (request, context) => deliver(request, invocationLog(context)),
});
