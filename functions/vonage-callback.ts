import type { HttpFunctionOptions } from '@azure/functions';
import { vonage } from '../handlers/vonage.ts';
import type { Assembly } from '../shared/assembly.ts';
import { vonageChecks } from '../shared/checks/vonage.ts';
import { frontDoor } from '../shared/delivery/front-door.ts';
import { vonageHandler, vonageProvider } from '../shared/delivery/vonage.ts';
import { vonageKinds } from '../shared/events/vonage.ts';
import type { VonageRings } from '../shared/secrets/vonage.ts';
import { invocationLog } from '../shared/telemetry/invocation-log.ts';
import type { VonageProject } from '../shared/verification/vonage-token.ts';

const route = 'callbacks/vonage/{kind}';

/** `POST /api/callbacks/vonage/{kind}`: the callbacks of Vonage Video, each kind with a signature secret of its own. */
export function vonageCallbacks(
  assembly: Assembly,
  projects: readonly VonageProject[],
  rings: VonageRings,
): HttpFunctionOptions {
  const { settings, clock, ledger } = assembly;
  const doors = new Map(
    vonageKinds.map((kind) => {
      const deliver = frontDoor({
        provider: vonageProvider(kind),
        route: route.replace('{kind}', kind),
        checks: vonageChecks(assembly, projects, rings, kind),
        bindingsOf: () => [],
        handlerFor: vonageHandler(vonage, kind),
        ledger,
        leaseSeconds: settings.LEDGER_LEASE_SECONDS,
        timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
        clock,
      });
      return [kind as string, deliver];
    }),
  );
  return {
    route,
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request, context) => {
      const deliver = doors.get(new URL(request.url).pathname.split('/').at(-1) ?? '');
      return deliver ? deliver(request, invocationLog(context)) : { status: 404 };
    },
  };
}
