import { app } from '@azure/functions';
import { assemble } from '../shared/assembly.ts';
import { keepWarm } from '../shared/health.ts';
import type { Dependency } from '../shared/health.ts';
import { readSettings } from '../shared/settings.ts';
import { warnAtStart } from '../shared/settings/warnings.ts';
import { consoleNote } from '../shared/telemetry/delivery-log.ts';
import { authorization } from './authorize.ts';
import { callAutomationCallbacks } from './call-automation.ts';
import { health } from './health.ts';
import { incomingCalls } from './incoming-call.ts';
import { vonageCallbacks } from './vonage-callback.ts';

// The entry of the app. A provider whose settings are absent is not registered; faulty settings stop the start here,
// with one message that lists every fault.
const settings = readSettings(process.env);
const assembly = assemble(settings);
const { ledger, callAutomationKeys, callbackSecret, entraKeys, eventGridSecret, calls, vonageRings } =
  assembly;

app.setup({ enableHttpStream: settings.HTTP_STREAM === 'on' });

/** What the first request should not have to wait for: a call rings thirty seconds. */
const dependencies: Record<string, Dependency> = { ledger };

if (settings.ACS_RESOURCE_ID) {
  app.http('call-automation', callAutomationCallbacks(assembly, settings.ACS_RESOURCE_ID));
  app.http('authorize', authorization(assembly, settings.ACS_RESOURCE_ID));
  Object.assign(dependencies, { 'call-automation-keys': callAutomationKeys, 'callback-key': callbackSecret });
}
if (eventGridSecret || entraKeys) {
  app.http('incoming-call', incomingCalls(assembly));
  if (entraKeys) dependencies['entra-keys'] = entraKeys;
  if (eventGridSecret) dependencies['event-grid-key'] = eventGridSecret;
  if (settings.ACS_ENDPOINT) app.hook.appStart(() => void calls.warm());
}
if (settings.VONAGE_PROJECTS && vonageRings) {
  app.http('vonage-callback', vonageCallbacks(assembly, settings.VONAGE_PROJECTS, vonageRings));
  dependencies['vonage-secrets'] = vonageRings;
}
app.http('health', health(dependencies));
app.hook.appStart(() => {
  void keepWarm(Object.values(dependencies), assembly.clock);
  warnAtStart(settings, process.env, consoleNote);
});
