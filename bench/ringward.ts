import { createApp } from '../shared/app.ts';
import type { Handlers } from '../shared/app.ts';
import type { IncomingRequest } from '../shared/delivery/body.ts';
import { createPipeline } from '../shared/delivery/pipeline.ts';
import { readSettings } from '../shared/settings/settings.ts';
import { everything } from '../shared/telemetry/log-volume.ts';
import { invocationLog } from '../shared/telemetry/delivery-log.ts';
import type { Check } from '../shared/verification/check.ts';

/** Formats every log entry and discards it. */
const log = invocationLog({ info() {}, warn() {}, error() {} }, everything);

export const CALLBACKS = 'callbacks/call-automation';
export const INCOMING_CALLS = 'events/incoming-call';

/** Accepts every request. */
export const acceptAll: Check = { name: 'accept-all', run: async () => ({}) };

/**
 * The pipeline of one route, as the app creates it from these settings.
 *
 * @param environment beside `Development`, in which secrets may come from settings
 * @param check instead of the checks of the route, to measure the rest of the pipeline
 */
export function ringward(
  path: string,
  environment: Readonly<Record<string, string>>,
  { handlers, check }: { handlers?: Handlers; check?: Check } = {},
) {
  const settings = readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...environment });
  const { senders, ledger, clock } = createApp(settings, handlers);
  for (const { endpoints, dependencies } of senders) {
    const endpoint = endpoints.find((one) => one.path === path && one.method === 'POST');
    if (!endpoint) continue;
    const receive = createPipeline(
      { ...endpoint, ...(check && { checks: [check] }) },
      {
        ledger,
        leaseSeconds: settings.LEDGER_LEASE_SECONDS,
        timeoutSeconds: settings.HANDLER_TIMEOUT_SECONDS,
        clock,
      },
    );
    return {
      receive: (request: IncomingRequest) => receive(request, log),
      async warm() {
        await Promise.all([ledger, ...Object.values(dependencies)].map((dependency) => dependency.warm()));
      },
    };
  }
  throw new Error(`no sender posts to ${path}`);
}
