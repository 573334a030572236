import { HttpRequest } from '@azure/functions';
import type { InvocationContext } from '@azure/functions';
import { trigger } from '../../functions/trigger.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { createApp } from '../../shared/app.ts';
import type { Handlers } from '../../shared/app.ts';
import type { Clock } from '../../shared/clock.ts';
import type { HttpResponse } from '../../shared/delivery/response.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { Environment } from '../../shared/settings/table.ts';
import type { DeliveryLogEntry } from '../../shared/telemetry/delivery-log.ts';

/**
 * An app of one sender, with the ledger in memory, as the platform calls it: through the request of `@azure/functions` and
 * the sender's function.
 */
export function receivedBy(environment: Environment, handlers: Handlers, clock?: Clock) {
  const settings = readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...environment });
  const app = createApp(settings, handlers, clock);
  const [sender] = app.senders;
  const [route] = sender?.provider.routes ?? [];
  if (!sender || !route) throw new Error('no sender is enabled');
  const handler = trigger(app, sender, route);

  /** Sends a request, and returns the response together with what was logged. */
  async function deliver({ url, method = 'POST', headers, body }: OutgoingRequest) {
    const logged: string[] = [];
    const log = (line: string) => void logged.push(line);
    const context = { info: log, warn: log, error: log } as unknown as InvocationContext;
    const joined = new Map<string, string>();
    // The platform joins repeated headers.
    for (const [name, value] of headers) {
      const before = joined.get(name);
      joined.set(name, before === undefined ? value : `${before},${value}`);
    }
    const request = new HttpRequest({
      method,
      url,
      headers: Object.fromEntries(joined),
      body: { bytes: Buffer.from(body) },
    });
    const response = (await handler(request, context)) as HttpResponse;
    const entry = logged.findLast((line) => line.startsWith('{"delivery":'));
    return { ...response, logged, entry: JSON.parse(entry ?? '{}') as Partial<DeliveryLogEntry> };
  }
  return { app, sender, deliver };
}
