import { app } from '@azure/functions';
import { assemble } from '../shared/assembly.ts';
import { readSettings } from '../shared/settings.ts';
import { callAutomationCallbacks } from './call-automation.ts';

// The entry of the app. A provider whose settings are absent is not registered; faulty settings stop the start here,
// with one message that lists every fault.
const settings = readSettings(process.env);
const assembly = assemble(settings);

app.setup({ enableHttpStream: settings.HTTP_STREAM === 'on' });
// The first callback of a call should wait for nobody; what fails here is tried again with that callback.
app.hook.appStart(() => {
  void Promise.all([assembly.callAutomationKeys.warm(), assembly.callbackRing.warm()]);
});

if (settings.ACS_RESOURCE_ID) {
  app.http('call-automation', callAutomationCallbacks(assembly, settings.ACS_RESOURCE_ID));
}
