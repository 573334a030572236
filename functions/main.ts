import { app } from '@azure/functions';
import { assemble } from '../shared/assembly.ts';
import { keepParts } from '../shared/recovery.ts';
import type { Part } from '../shared/recovery.ts';
import { readSettings } from '../shared/settings.ts';
import { warnAtStart } from '../shared/settings/warnings.ts';
import { consoleNote } from '../shared/telemetry/note.ts';
import { authorization } from './authorize.ts';
import { callAutomationCallbacks } from './call-automation.ts';
import { health } from './health.ts';
import { incomingCalls } from './incoming-call.ts';
import { vonageCallbacks } from './vonage-callback.ts';

// The entry of the app. A provider whose settings are absent is not registered; faulty settings stop the start here,
// with one message that lists every fault.
const settings = readSettings(process.env);
const assembly = assemble(settings);
const { ledger, callAutomationKeys, callbackRing, entraKeys, eventGridRing, calls, vonageRings } = assembly;

/** What the first request should not have to wait for: a call rings thirty seconds. */
const parts: Record<string, Part> = { ledger };

if (settings.ACS_RESOURCE_ID) {
  app.http('call-automation', callAutomationCallbacks(assembly, settings.ACS_RESOURCE_ID));
  app.http('authorize', authorization(assembly, settings.ACS_RESOURCE_ID));
  Object.assign(parts, { 'call-automation-keys': callAutomationKeys, 'callback-key': callbackRing });
}
if (eventGridRing || entraKeys) {
  app.http('incoming-call', incomingCalls(assembly));
  if (entraKeys) parts['entra-keys'] = entraKeys;
  if (eventGridRing) parts['event-grid-key'] = eventGridRing;
  if (settings.ACS_ENDPOINT) app.hook.appStart(() => void calls.warm());
}
if (settings.VONAGE_PROJECTS && vonageRings) {
  app.http('vonage-callback', vonageCallbacks(assembly, settings.VONAGE_PROJECTS, vonageRings));
  parts['vonage-secrets'] = vonageRings;
}
app.http('health', health(parts));
app.hook.appStart(() => {
  void keepParts(Object.values(parts), assembly.clock);
  warnAtStart(process.env, consoleNote);
});
