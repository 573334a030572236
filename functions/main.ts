import { app as functions } from '@azure/functions';
import { calls } from '../handlers/calls.ts';
import { vonage } from '../handlers/vonage.ts';
import { createApp } from '../shared/app.ts';
import { keepWarm } from '../shared/health.ts';
import { readSettings, warnAtStart } from '../shared/settings/settings.ts';
import { consoleNote } from '../shared/telemetry/delivery-log.ts';
import { health } from './health.ts';
import { httpFunction } from './register.ts';

// The entry of the app: registers the routes of every sender that the settings enable. Faulty settings stop the start
// here, with one message that lists every fault.
const app = createApp(readSettings(process.env), { calls, vonage });
const dependencies = Object.assign(
  { ledger: app.ledger },
  ...app.senders.map((sender) => sender.dependencies),
);

for (const sender of app.senders) {
  for (const route of sender.provider.routes) functions.http(route.name, httpFunction(app, sender, route));
}
functions.http('health', health(dependencies));

functions.hook.appStart(() => {
  void keepWarm(Object.values(dependencies), app.clock);
  for (const sender of app.senders) void sender.warm?.();
  warnAtStart(process.env, consoleNote);
});
