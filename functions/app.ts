import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HttpHandler } from '@azure/functions';
import { calls } from '../handlers/calls.ts';
import { livekit } from '../handlers/livekit.ts';
import { twilio } from '../handlers/twilio.ts';
import { vonageMessages } from '../handlers/vonage-messages.ts';
import { vonageVoice } from '../handlers/vonage-voice.ts';
import { vonage } from '../handlers/vonage.ts';
import { createApp } from '../shared/app.ts';
import type { App } from '../shared/app.ts';
import { systemClock } from '../shared/clock.ts';
import { refusalFor } from '../shared/delivery/response.ts';
import { keepWarm } from '../shared/health.ts';
import type { Dependency } from '../shared/health.ts';
import { providers } from '../shared/providers/index.ts';
import { inspectSettings, SettingsError, warnAtStart } from '../shared/settings/settings.ts';
import type { Settings } from '../shared/settings/settings.ts';
import { isDevelopment } from '../shared/settings/table.ts';
import { consoleNote } from '../shared/telemetry/delivery-log.ts';
import { logVolume } from '../shared/telemetry/log-volume.ts';
import { warnOfBodyLimit } from './body-limit.ts';
import { health } from './health.ts';
import { trigger } from './trigger.ts';

// Everything but the registration. Loaded when the platform has been answered, or by the first request.
const { settings, faults } = inspectSettings(process.env);

type Created = {
  /** The handler of each function, by the function's name. */
  readonly handlers: Readonly<Record<string, HttpHandler>>;
  readonly flushLog: () => void;
};

export const { handlers, flushLog } = faults.length > 0 ? unavailable(settings, faults) : create(settings);

/** Makes the senders that the settings enable, and has the warm-up start. */
function create(readable: Settings): Created {
  const app = createApp(readable, { calls, vonage, vonageVoice, vonageMessages, livekit, twilio });
  const dependencies = Object.assign(
    { ledger: app.ledger },
    ...app.senders.map((sender) => sender.dependencies),
  ) as Record<string, Dependency>;
  void warmUp(app, Object.values(dependencies));

  const triggers = app.senders.flatMap((sender) =>
    sender.provider.routes.map((route) => [route.name, trigger(app, sender, route)] as const),
  );
  // Without the ledger such an app still handles its deliveries.
  const tolerated = readable.LEDGER_OUTAGE === 'proceed' ? ['ledger'] : [];
  const { logVolume: volume } = app;
  return {
    handlers: { ...Object.fromEntries(triggers), health: health(dependencies, volume, tolerated) },
    flushLog: volume.flush,
  };
}

/** Entries that only an operator reads are written when a first call no longer waits for this process. */
const WARN_AFTER_MS = 1000;

/** In the order of what a first call waits for. It goes before what has not begun yet. */
async function warmUp(app: App, dependencies: readonly Dependency[]): Promise<void> {
  const { settings: readable, senders, clock } = app;
  await nextTurn();
  await app.loadSdks();
  for (const sender of senders) void sender.warm?.();
  await nextTurn();
  void keepWarm(dependencies, clock);
  await clock.sleep(WARN_AFTER_MS);
  warnAtStart(process.env, consoleNote);
  warnOfBodyLimit(process.env, isDevelopment(readable), consoleNote);
}

/**
 * Faulty settings. Without a route every request would be 404, after which senders give up; so they are asked to retry
 * until the settings are fixed.
 */
function unavailable(readable: Settings, all: readonly string[]): Created {
  consoleNote('error', 'settings-faulty', { why: new SettingsError(all, process.env).message });
  const refusals = providers
    .flatMap(({ routes }) => routes)
    .map((route) => [route.name, () => refusalFor('settings-faulty', route.unavailableStatus)] as const);
  const volume = logVolume(readable, systemClock);
  const outage = health({ settings: { isAvailable: () => false } }, volume);
  return { handlers: { ...Object.fromEntries(refusals), health: outage }, flushLog: volume.flush };
}
