import { media } from '../handlers/media.ts';
import { assemble } from '../shared/assembly.ts';
import { isDevelopment, readSettings } from '../shared/settings.ts';
import { warnAtStart } from '../shared/settings/warnings.ts';
import { invocationLog } from '../shared/telemetry/invocation-log.ts';
import { consoleNote as note } from '../shared/telemetry/note.ts';
import { admissionOf, limitsOf } from './assembly.ts';
import { health, keepKeys } from './health.ts';
import { PATH, startMediaHost } from './host.ts';
import { blameHandler } from './session/run-handler.ts';

// The entry of the media host, `npm run media`. Faulty settings stop it here, with one message that lists every fault.
start().catch((thrown: unknown) => {
  // A fault of the settings, or a port that is taken, explains itself.
  const expected = thrown instanceof Error && (thrown.name === 'SettingsError' || 'code' in thrown);
  console.error(expected ? thrown.message : thrown);
  process.exit(1);
});

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  warnAtStart(process.env, note);
  const assembly = assemble(settings);
  const maxStaleSeconds = settings.KEY_SET_MAX_STALE_SECONDS;
  const { callAutomationKeys: keys, callbackRing, clock } = assembly;
  const host = await startMediaHost({
    admission: admissionOf(assembly),
    handler: media,
    limits: limitsOf(settings),
    health: health({ keys, maxStaleSeconds, clock }),
    // A container is reached from outside; a developer's machine should not be.
    listenOn: { port: settings.PORT, ...(isDevelopment(settings) && { address: '127.0.0.1' }) },
    log: invocationLog(console),
    note,
  });
  void keepKeys(keys, maxStaleSeconds, clock);
  void callbackRing.warm();
  void assembly.strictLedger.warm();

  let stopping: Promise<void> | undefined;
  function stop(code: number, graceSeconds = settings.MEDIA_STOP_GRACE_SECONDS): void {
    // Who asks twice does not want to wait.
    if (stopping) process.exit(code);
    stopping = host.stop(graceSeconds).then(() => process.exit(code));
  }
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  // Whoever started it, and would have stopped it, is gone.
  process.on('disconnect', () => stop(0, 0));
  process.on('unhandledRejection', (thrown) => {
    if (!blameHandler(thrown)) note('error', 'rejection-unhandled', { error: nameOf(thrown) });
  });
  process.on('uncaughtException', (thrown) => {
    if (blameHandler(thrown)) return;
    // Nobody knows what it left behind, so the instance gives way to a new one.
    note('error', 'exception-uncaught', { error: nameOf(thrown) });
    stop(1);
  });
  note('info', 'media-listening', { port: host.port, path: PATH });
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name} ${thrown.stack?.split('\n')[1]?.trim() ?? ''}` : 'unknown';
}
