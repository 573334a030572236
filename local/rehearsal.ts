import type { LogEntry } from './host/log.ts';
import type { ServedRoute } from './host/routes.ts';
import type { State } from './inspector/contract.ts';
import type { Upstream } from './inspector/forward.ts';
import { front as frontOf } from './inspector/front.ts';
import { knownChecks } from './inspector/known-checks.ts';
import { live as liveOf } from './inspector/live.ts';
import { mediaLines } from './inspector/media-lines.ts';
import { outages as outagesOf } from './inspector/outages.ts';
import { pageFiles } from './inspector/page-files.ts';
import { keyPurposes } from './inspector/key-purposes.ts';
import { recorder as newRecorder } from './inspector/recorder.ts';
import type { Recorder } from './inspector/recorder.ts';
import { sendable, sender } from './inspector/send.ts';
import { startFakeCloud } from './fake-cloud.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { deliveryLines } from '../test/support/delivery-logs.ts';
import { rehearsalEnvironment } from './fake-cloud.ts';
import type { Stage } from './scenarios/context.ts';
import { serve } from './serve.ts';
import { serveMedia } from './serve-media.ts';
import { untilHealthy } from './until-healthy.ts';
import { startAzurite } from './fakes/azurite.ts';
import type { Environment } from '../shared/settings/table.ts';

/** An app beside fake services, behind one port with its inspector. */
export type Rehearsal = {
  readonly url: string;
  readonly mediaUrl: string;
  readonly routes: readonly ServedRoute[];
  readonly environment: Environment;
  readonly cloud: FakeCloud;
  readonly recorder: Recorder;
  /** What a play needs, but for somebody who looks. */
  readonly stage: Omit<Stage, 'onRow'>;
  /** @param hint what to do after a restart */
  readonly restartOnSave: (hint?: string) => void;
  readonly restartMediaOnSave: () => void;
  /** Resolves when app and media host have what they need. */
  readonly healthy: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Upstreamed = { readonly listening: Upstream };

/** Starts all of it; rejects where the app does not start. */
export async function startRehearsal(options: {
  /** A staged folder or an entry file. */
  app: string;
  /** 0 for any that is free. */
  port: number;
  address?: string;
  /** The caller's own environment. */
  own?: Environment;
  /** Told what handlers write. */
  onLog?: (message: string) => void;
}): Promise<Rehearsal> {
  const { app, port, address = '127.0.0.1', own = process.env, onLog = () => {} } = options;
  const [cloud, azurite, files] = await Promise.all([startFakeCloud(), startAzurite(), pageFiles()]);
  const recorder = newRecorder();
  const lines = deliveryLines();
  const upgrades = mediaLines(recorder, onLog);
  const versions = [cloud.callbackSecret];
  let running: State['app'] = 'running';
  // The app has to know the port before it starts, so whoever is early waits.
  const started = Promise.withResolvers<readonly [Upstreamed, Upstreamed]>();

  const front = frontOf({
    recorder,
    app: async () => (await started.promise)[0].listening(),
    media: async () => (await started.promise)[1].listening(),
    purposes: (target) => keyPurposes(target, versions),
    onUpgrade: upgrades.answered,
  });
  const url = await front.listen(port, address);
  const mediaUrl = `${url.replace('http', 'ws')}/media`;
  const environment: Environment = {
    ...rehearsalEnvironment(own, cloud, url, mediaUrl),
    LEDGER: 'table',
    LEDGER_TABLE_URL: azurite.url,
    // So that an outage of the ledger shows: by default deliveries are handled without it.
    LEDGER_OUTAGE: 'refuse',
    // The host puts the front's address behind the client's.
    TRUSTED_PROXY_HOPS: '2',
  };
  const [served, media] = await Promise.all([
    serve({
      app,
      port: 0,
      environment,
      onLog: take,
      onState: (state) => {
        running = state;
        live.state();
      },
    }),
    // Before the media host there is the front alone.
    serveMedia({
      port: 0,
      environment: { ...environment, TRUSTED_PROXY_HOPS: '1' },
      onLine: upgrades.take,
    }),
  ]);
  started.resolve([served, media]);

  function take(entry: LogEntry): void {
    const { invocation, level, category, message } = entry;
    const isLine = lines.take(entry);
    const isHandlers = category === 'user';
    if (invocation && (isHandlers || level === 'error')) recorder.logged({ invocation, level, message });
    if (!isLine && isHandlers) onLog(message);
  }

  const outages = outagesOf({
    cloud,
    azurite,
    restart: async () => {
      await Promise.all([served.restart(), media.restart()]);
    },
  });
  const state = (): State => ({
    app: running,
    baseUrl: url,
    outages: outages.list(),
    ...sendable,
    kept: recorder.limits.deliveries,
  });
  const live = liveOf(recorder, state);
  const stage = { cloud, baseUrl: url, mediaUrl, lineOf: lines.of, upgradeOf: recorder.lineOf };
  front.inspect({
    port: front.port,
    files,
    recorder,
    live,
    state,
    target: stage,
    send: sender(stage, recorder),
    checkNames: knownChecks(environment),
    async setOutage(part, out) {
      await outages.set(part, out);
      live.state();
    },
    async rotate(part) {
      if (part === 'keys') return void (await Promise.all([cloud.acs.rotate(), cloud.entra.rotate()]));
      cloud.rotateCallbackSecret();
      versions.unshift(cloud.callbackSecret);
    },
  });

  return {
    url,
    mediaUrl,
    routes: served.routes,
    environment,
    cloud,
    recorder,
    stage,
    restartOnSave: served.restartOnSave,
    restartMediaOnSave: media.restartOnSave,
    async healthy() {
      const { port } = await media.listening();
      await Promise.all([untilHealthy(url), untilHealthy(`http://127.0.0.1:${port}`, '/health')]);
    },
    async stop() {
      live.close();
      await Promise.all([served.stop(), media.stop(), front.close()]);
      await Promise.all([cloud.close(), azurite.close()]);
    },
  };
}
