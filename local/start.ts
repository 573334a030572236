import path from 'node:path';
import { readSettings } from '../shared/settings/settings.ts';
import { runCommand } from './cli.ts';
import { findApp, readJson } from './host/app-folder.ts';
import { loadLocalSettings } from './host/local-settings.ts';
import { sendLogsTo } from './host/log.ts';
import type { LogEntry } from './host/log.ts';
import { readable } from './handler-log.ts';
import type { ServedRoute } from './host/routes.ts';
import { startOptions, usage } from './options.ts';
import type { StartOptions } from './options.ts';
import { printRestarts, startRehearsal } from './rehearsal.ts';
import { announce } from './running.ts';
import { pathOf } from './inspector/stored-delivery.ts';
import type { StoredDelivery } from './inspector/stored-delivery.ts';
import { printable } from './printable.ts';
import { playCall, playOthers } from './scenarios/play.ts';
import { tableRow } from './scenarios/table.ts';
import type { Row } from './scenarios/table.ts';
import { serveApp } from './serve.ts';
import { callerInTerminal } from './terminal.ts';

// `npm start`: serves the functions on this machine, with fake services, and plays a call to them.
const root = path.resolve(import.meta.dirname, '..');
const PLAY_AGAIN = 'Enter plays a call again.';

// For the warning about an address that others reach.
sendLogsTo(print);

await runCommand(usage, async (args) => {
  const options = startOptions(args);
  return options.bare ? serveBare(options) : play(options);
});

/** Nothing but the functions, with the caller's own settings. */
async function serveBare({ app, port, address }: StartOptions): Promise<void> {
  const { folder } = findApp(appOf(app));
  const environment = () => ownSettings(folder);
  const isRingward = nameIn(folder) === nameIn(root);
  // The app itself starts with faulty settings, and answers 503. Here somebody reads the message.
  if (isRingward) readSettings(environment());
  const served = await serveApp({
    app: appOf(app),
    port,
    address,
    environment,
    ...(!isRingward && { expectedRoutes: () => [] }),
    onLog: print,
  });
  console.log(`Listening on ${served.first.url} (Ctrl+C ends it)`);
  printRoutes(served.first.routes);
  if (!app) served.restartOnSave(...printRestarts());
  stopOnSignal(served.stop);
}

/** Fake services, calls and forgeries; then it stays up for more. */
async function play(given: StartOptions): Promise<number | undefined> {
  const { app, port, address, once, verbose, sendTo } = given;
  const ending = new AbortController();
  // The rows of what is played show what their handlers wrote.
  let isPlaying = true;
  const played = await startRehearsal({
    app: appOf(app),
    own: () => ownSettings(findApp(appOf(app)).folder),
    port,
    address,
    sendTo,
    onWritten(delivery, messages) {
      if (!isPlaying) console.log(tableRow(rowOf(delivery, messages)));
    },
  });
  const { url, mediaUrl, routes, context } = played;
  const takeBack = announce(played);
  async function stop(): Promise<void> {
    ending.abort();
    takeBack();
    await played.stop();
  }
  console.log(`Ringward listens on ${url}`);
  printRoutes(routes);
  console.log(`  ${mediaUrl}`);
  stopOnSignal(stop);
  if (!(await played.healthy()))
    console.log(
      '\nThe app has no keys, secrets or ledger after three minutes. What is played now shows why.',
    );
  const call = await playCall(context, ending.signal);
  if (!once) {
    console.log(`\nReady: see every request at ${played.page}`);
    console.log(`It stays up, and restarts when a file in handlers/ is saved. ${PLAY_AGAIN} Ctrl+C ends it.`);
    if (process.stdin.isTTY)
      console.log('To call your app yourself, type: call. All that a caller can do: help');
    played.restartOnSave({ app: !app, hint: PLAY_AGAIN });
  }
  const others = playOthers(context, {
    verbose,
    signal: ending.signal,
    onForgery: (delivery, name) => played.recorder.label(delivery, { sent: name, played: true }),
  }).finally(() => (isPlaying = false));
  if (!once) {
    const playAgain = inTurn(others, async () => {
      isPlaying = true;
      await playCall(context, ending.signal).finally(() => (isPlaying = false));
    });
    const { stdin } = process;
    if (stdin.isTTY)
      callerInTerminal({ callers: played.callers, input: stdin, print: console.log, playAgain });
    else stdin.on('data', playAgain);
  }
  const rows = [...call, ...(await others)];
  if (ending.signal.aborted) return undefined;
  const wrong = rows.filter(({ asExpected }) => !asExpected);
  console.log(`\n${rows.length - wrong.length} of ${rows.length} as expected.`);
  for (const { sent } of wrong) console.log(`  not as expected: ${sent}`);
  if (!once) return undefined;
  await stop();
  return wrong.length === 0 ? 0 : 1;
}

/** The environment, and what only the local.settings.json of an app has. */
function ownSettings(folder: string): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = { AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...process.env };
  loadLocalSettings(path.join(folder, 'local.settings.json'), own);
  return own;
}

/** Without what comes before the last dot: `CallConnected`. */
const shortType = (type: string) => type.replace(/^.*\./, '');

/** A delivery that no scenario sent: `npm run send`, the page, or a sender of your own. */
function rowOf(delivery: StoredDelivery, written: readonly string[]): Row {
  const { sent, types, method, target, entry, status = 0, milliseconds = 0 } = delivery;
  return {
    sent: printable(sent ?? (types.map(shortType).join(', ') || `${method} ${pathOf(target)}`), 44),
    verdict: entry?.verdict ?? 'none',
    reason: entry?.reason ?? Object.keys(entry?.outcomes ?? {}).join(', '),
    status,
    milliseconds,
    // A handler that throws is not judged.
    asExpected: entry?.verdict === 'accepted',
    written,
  };
}

/** The name of an app; `npm run build` writes it into what it stages. */
function nameIn(folder: string): unknown {
  return readJson(path.join(folder, 'package.json'))?.['name'];
}

function appOf(folder: string | undefined): string {
  return folder ? path.resolve(folder) : path.join(root, 'functions', 'main.ts');
}

/** At the default level of the platform: information. */
function print({ level, message }: LogEntry): void {
  if (level !== 'trace' && level !== 'debug') console.log(readable(message).join('\n'));
}

function printRoutes(routes: readonly ServedRoute[]): void {
  for (const { methods, path: route } of routes) console.log(`  ${methods.join(', ')} ${route}`);
}

function stopOnSignal(stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(0)));
  }
}

/** Does the work at each call, one at a time, after what goes on already. A failure is printed. */
function inTurn(before: Promise<unknown>, work: () => Promise<void>): () => void {
  let turn: Promise<unknown> = before;
  return () => {
    turn = turn
      .then(work)
      .catch((fault: unknown) => console.error(fault instanceof Error ? fault.message : fault));
  };
}
