import { serveApp } from '../../local/host/serve.ts';

// What an app gets for `@azure/functions-core` is this bundle itself, which is why it exports it.
export * from '../../local/host/functions-core.ts';

/** When the app had a ring, by its own log: milliseconds since the epoch. */
export type Logged = {
  readonly receivedMs: number;
  readonly checkedMs: number;
  readonly handlersMs: number;
  readonly answeredMs: number;
};

// A staged app behind the local host: `app.mjs <folder>`. Bundled, so that a cold start is not that of the local host.
void serveApp({
  app: process.argv[2] ?? '',
  port: 0,
  onLog({ message }) {
    if (!message.startsWith('{"delivery":"event-grid"')) return;
    const answeredMs = performance.timeOrigin + performance.now();
    const { milliseconds, stages } = JSON.parse(message);
    const receivedMs = answeredMs - milliseconds;
    const checkedMs = receivedMs + stages.read + stages.checks;
    process.send?.({ receivedMs, checkedMs, handlersMs: answeredMs - stages.handlers, answeredMs });
  },
}).then(({ url }) => process.send?.({ port: Number(new URL(url).port) }));
process.on('disconnect', () => process.exit());
