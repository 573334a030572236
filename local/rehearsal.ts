import { randomBytes } from 'node:crypto';
import type { Environment } from '../shared/settings/table.ts';
import { fakeCallers } from './caller.ts';
import type { FakeCallers } from './caller.ts';
import { untilHealthy } from './app-process.ts';
import { rehearsalEnvironment, startFakeCloud } from './fake-cloud.ts';
import { startAzurite } from './fakes/azurite.ts';
import { readable } from './handler-log.ts';
import type { LogEntry } from './host/log.ts';
import type { ServedRoute } from './host/routes.ts';
import type { State } from './inspector/contract.ts';
import type { Upstream } from './inspector/forward.ts';
import { front as createFront } from './inspector/front.ts';
import { keyPurposes } from './inspector/key-purposes.ts';
import { knownChecks } from './inspector/known-checks.ts';
import { live as liveOf } from './inspector/live.ts';
import { mediaLogs } from './inspector/media-logs.ts';
import { createOutages } from './inspector/outages.ts';
import { pageFiles } from './inspector/page-files.ts';
import { recorder as newRecorder } from './inspector/recorder.ts';
import type { Recorder } from './inspector/recorder.ts';
import { inspectorPath } from './inspector/routes.ts';
import { createSender, sendable } from './inspector/send.ts';
import type { StoredDelivery } from './inspector/stored-delivery.ts';
import { whenWritten } from './inspector/when-written.ts';
import type { ScenarioTarget } from './scenarios/context.ts';
import { serveApp, serveMedia } from './serve.ts';
import type { FakeCloud } from './target.ts';

/** An app beside fake services, behind one port with its inspector. */
export type Rehearsal = {
  readonly url: string;
  /** The address of the inspector, with its token. */
  readonly page: string;
  readonly mediaUrl: string;
  readonly routes: readonly ServedRoute[];
  readonly environment: Environment;
  readonly cloud: FakeCloud;
  readonly recorder: Recorder;
  /** What scenarios are played to. */
  readonly context: ScenarioTarget;
  readonly callers: FakeCallers;
  /** Restarts app and media host whenever a handler is saved. */
  readonly restartOnSave: (parts: { readonly app: boolean; readonly hint: string }) => void;
  /** Whether app and media host have their keys, secrets and ledger, or get them within three minutes. */
  readonly healthy: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
};

type Served = { readonly listening: Upstream };

/** A line that the app or the media host writes to its console. */
const printLine = (line: string) => console.log(readable(line).join('\n'));

/** Starts all of it. Rejects where the app does not start. */
export async function startRehearsal(options: {
  /** A staged folder or an entry file. */
  app: string;
  /** The entry file of the media host; the sources by default. */
  media?: string;
  /** 0 for any free port. */
  port: number;
  address?: string;
  /** The caller's own environment, read at each start of the app. */
  own?: () => Environment;
  /** The apps on other machines that orders may be sent to: origins. */
  sendTo?: readonly string[];
  /** Takes what a handler of a delivery wrote, once the delivery is answered, and again what comes later. */
  onWritten?: (delivery: StoredDelivery, messages: readonly string[]) => void;
}): Promise<Rehearsal> {
  const { app, media: entry, port, address = '127.0.0.1' } = options;
  const { own = () => process.env, sendTo = [], onWritten = () => {} } = options;
  const [cloud, azurite, files] = await Promise.all([startFakeCloud(), startAzurite(), pageFiles()]);
  const recorder = newRecorder();
  const upgrades = mediaLogs(recorder, printLine);
  whenWritten(recorder, onWritten);
  const secrets = [cloud.callbackSecret];
  let appState: State['app'] = 'running';
  // The app must know the front's port before it starts, so early requests wait.
  const started = Promise.withResolvers<readonly [app: Served, media: Served]>();

  const front = createFront({
    recorder,
    app: async () => (await started.promise)[0].listening(),
    media: async () => (await started.promise)[1].listening(),
    purposes: (target) => keyPurposes(target, secrets),
    onUpgrade: upgrades.answered,
  });
  const url = await front.listen(port, address);
  const mediaUrl = `${url.replace('http', 'ws')}/media`;
  const environmentNow = (): Environment => ({
    ...rehearsalEnvironment(own(), cloud, url, mediaUrl),
    LEDGER: 'table',
    LEDGER_TABLE_URL: azurite.url,
    // By default deliveries are handled during an outage of the ledger; here the outage must show.
    LEDGER_OUTAGE: 'refuse',
    // The local host adds the front's address behind the client's.
    TRUSTED_PROXY_HOPS: '2',
  });
  const environment = environmentNow();
  const [served, media] = await Promise.all([
    serveApp({
      app,
      port: 0,
      environment: environmentNow,
      onLog: take,
      onOutput: printLine,
      onState: (state) => {
        appState = state;
        live.state();
      },
    }),
    serveMedia({
      ...(entry !== undefined && { entry }),
      port: 0,
      // Only the front is before the media host.
      environment: () => ({ ...environmentNow(), TRUSTED_PROXY_HOPS: '1' }),
      onLine: upgrades.take,
    }),
  ]);
  started.resolve([served, media]);

  function take({ invocation, level, category, message }: LogEntry): void {
    const isHandlers = category === 'user';
    if (invocation && (isHandlers || level === 'error')) recorder.logged({ invocation, level, message });
  }

  const printMediaFault = (message: string) => console.error(`The media host does not start:\n${message}`);
  const outages = createOutages({
    cloud,
    azurite,
    restart: async () => {
      const restarted = media.restart().catch((fault: Error) => printMediaFault(fault.message));
      await Promise.all([served.restart(), restarted]);
    },
  });
  const context = { cloud, baseUrl: url, mediaUrl, logOf: recorder.entryOf, writtenBy: recorder.writtenBy };
  const callers = fakeCallers(context, { timesOut: true });
  callers.onChange(() => live.state());
  const state = (): State => ({
    app: appState,
    baseUrl: url,
    outages: outages.list(),
    ...sendable,
    kept: recorder.limits.deliveries,
    callers: callers.list(),
  });
  const live = liveOf(recorder, state);
  const token = randomBytes(16).toString('base64url');
  front.inspect({
    port: front.port,
    token,
    sendTo,
    files,
    recorder,
    live,
    state,
    target: context,
    send: createSender(context, recorder),
    callers,
    checkNames: knownChecks(environment),
    async setOutage(part, out) {
      await outages.set(part, out);
      live.state();
    },
    async rotate(part) {
      if (part === 'keys') {
        const issuers = cloud.services.flatMap((service) => service.issuers);
        await Promise.all(issuers.map((issuer) => issuer.rotate()));
        return;
      }
      cloud.rotateCallbackSecret();
      secrets.unshift(cloud.callbackSecret);
    },
  });

  return {
    url,
    page: `${url}${inspectorPath(token)}`,
    mediaUrl,
    routes: served.first.routes,
    environment,
    cloud,
    recorder,
    context,
    callers,
    restartOnSave({ app: withApp, hint }) {
      if (withApp) served.restartOnSave(...printRestarts(hint));
      media.restartOnSave(
        () => {},
        (_file, message) => printMediaFault(message),
      );
    },
    async healthy() {
      const { port } = await media.listening();
      const both = [untilHealthy(url), untilHealthy(`http://127.0.0.1:${port}`, '/health')];
      return (await Promise.all(both)).every(Boolean);
    },
    async stop() {
      live.close();
      await Promise.all([served.stop(), media.stop(), front.close()]);
      await Promise.all([cloud.close(), azurite.close()]);
    },
  };
}

/** Prints each restart of the app, with a hint what to do next. */
export const printRestarts = (hint = '') =>
  [
    (file: string, milliseconds: number) =>
      console.log(`handlers/${file} was saved: restarted in ${milliseconds} ms. ${hint}`),
    (file: string, message: string) =>
      console.error(`handlers/${file} was saved, but the app does not start:\n${message}`),
  ] as const;
