import { app as functions } from '@azure/functions';
import { calls } from '../handlers/calls.ts';
import { vonage } from '../handlers/vonage.ts';
import { createApp } from '../shared/app.ts';
import { keepWarm } from '../shared/health.ts';
import type { Dependency } from '../shared/health.ts';
import { providers } from '../shared/providers/index.ts';
import { inspectSettings, SettingsError, warnAtStart } from '../shared/settings/settings.ts';
import type { Settings } from '../shared/settings/settings.ts';
import { isDevelopment } from '../shared/settings/table.ts';
import { consoleNote } from '../shared/telemetry/delivery-log.ts';
import { warnOfBodyLimit } from './body-limit.ts';
import { health } from './health.ts';
import { httpFunction, unavailableFunction } from './register.ts';

// The entry of the app. It never throws: a module that throws leaves every route at 404, after which senders give up.
const { settings, faults } = inspectSettings(process.env);
if (faults.length > 0) registerUnavailable(faults);
else register(settings);

/** Registers the routes of every sender that the settings enable. */
function register(readable: Settings): void {
  const app = createApp(readable, { calls, vonage });
  const dependencies = Object.assign(
    { ledger: app.ledger },
    ...app.senders.map((sender) => sender.dependencies),
  ) as Record<string, Dependency>;

  for (const sender of app.senders) {
    for (const route of sender.provider.routes) functions.http(route.name, httpFunction(app, sender, route));
  }
  // Without the ledger such an app still handles its deliveries.
  const tolerated = readable.LEDGER_OUTAGE === 'proceed' ? ['ledger'] : [];
  functions.http('health', health(dependencies, tolerated));

  functions.hook.appStart(() => {
    void keepWarm(Object.values(dependencies), app.clock);
    for (const sender of app.senders) void sender.warm?.();
    warnAtStart(process.env, consoleNote);
    warnOfBodyLimit(process.env, isDevelopment(readable), consoleNote);
  });
}

/** Registers the routes of every sender whose enabling setting is present, faulty or not. Each answers that we are not available. */
function registerUnavailable(all: readonly string[]): void {
  consoleNote('error', 'settings-faulty', { why: new SettingsError(all).message });
  for (const { enabledBy, routes } of providers) {
    if (!enabledBy.some((name) => process.env[name]?.trim())) continue;
    for (const route of routes) functions.http(route.name, unavailableFunction(route));
  }
  functions.http('health', health({ settings: { isAvailable: () => false } }));
}
