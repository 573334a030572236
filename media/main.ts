import { parseArgs } from 'node:util';
import { media } from '../handlers/media.ts';
import { createApp } from '../shared/app.ts';
import { keepWarm } from '../shared/health.ts';
import { readSettings, warnAtStart } from '../shared/settings/settings.ts';
import { isDevelopment } from '../shared/settings/table.ts';
import { invocationLog, consoleNote as note } from '../shared/telemetry/delivery-log.ts';
import { upgradeOptions } from './authorize-upgrade.ts';
import { hostLimits, PATH, startMediaHost } from './host.ts';
import { attributeToHandler } from './sockets.ts';

// Starts the media host: `npm run media`. Faulty settings end the process with one message that lists every fault.
const usage = `npm run media
  Starts the media host with the settings in the environment: docs/settings.md. It takes no options.`;

start().catch((thrown: unknown) => {
  // Settings faults, unknown options and system errors such as a port in use need no stack trace.
  const expected = thrown instanceof Error && (thrown.name === 'SettingsError' || 'code' in thrown);
  console.error(expected ? thrown.message : thrown);
  process.exit(1);
});

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help) return console.log(usage);
  const settings = readSettings(process.env);
  warnAtStart(process.env, note);
  const app = createApp(settings);
  const sender = app.senders.find(({ upgrade }) => upgrade);
  const dependencies = [...Object.values(sender?.dependencies ?? {}), app.strictLedger];
  const host = await startMediaHost({
    upgrades: upgradeOptions(app),
    handler: media,
    limits: hostLimits(settings),
    dependencies,
    // A container must be reachable from outside; a developer's machine must not.
    listenOn: { port: settings.PORT, ...(isDevelopment(settings) && { address: '127.0.0.1' }) },
    log: invocationLog(console, app.logVolume),
    note,
  });
  void app.loadSdks().then(() => keepWarm(dependencies, app.clock));

  let stopping: Promise<void> | undefined;
  function stop(code: number, graceSeconds = settings.MEDIA_STOP_GRACE_SECONDS): void {
    // A second signal ends the process at once.
    if (stopping) process.exit(code);
    stopping = host.stop(graceSeconds).then(() => {
      app.logVolume.flush();
      process.exit(code);
    });
  }
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  // The parent process is gone, so no signal will come.
  process.on('disconnect', () => stop(0, 0));
  process.on('unhandledRejection', (thrown) => {
    if (!attributeToHandler(thrown)) note('error', 'rejection-unhandled', { error: nameOf(thrown) });
  });
  process.on('uncaughtException', (thrown) => {
    if (attributeToHandler(thrown)) return;
    // The state is unknown after an uncaught exception, so this instance stops and a new one replaces it.
    note('error', 'exception-uncaught', { error: nameOf(thrown) });
    stop(1);
  });
  note('info', 'media-listening', { port: host.port, path: PATH });
}

/** The error's name and where it was thrown. Its message may hold secrets. */
function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name} ${thrown.stack?.split('\n')[1]?.trim() ?? ''}` : 'unknown';
}
