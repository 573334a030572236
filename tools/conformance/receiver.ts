import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandError } from '../../local/cli.ts';

/** Ends a receiver that was started. */
export type StopReceiver = () => Promise<void>;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const POLL_MS = 200;
const START_TIMEOUT_MS = 120_000;
/** One that does not end by itself is ended. */
const STOP_TIMEOUT_MS = 10_000;
const LAST_LINES = 20;
const portOf = ({ port, protocol }: URL) => Number(port) || (/^(https|wss):$/.test(protocol) ? 443 : 80);

/** Whether something listens at the address of a URL. */
export async function isListening(url: string): Promise<boolean> {
  const parsed = new URL(url);
  const socket = connect(portOf(parsed), parsed.hostname.replace(/^\[|\]$/g, ''));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Waits until something listens there, for as long as it takes. */
export async function untilListening(url: string): Promise<void> {
  while (!(await isListening(url))) await wait(POLL_MS);
}

/**
 * Starts a receiver through the shell, with its settings as environment variables and `PORT`, and waits until it listens.
 *
 * @returns what ends it, and the last lines that it printed
 * @throws CommandError where something else listens there, or it does not
 */
export async function startReceiver(
  command: string,
  url: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly stop: StopReceiver; readonly lastLines: () => string }> {
  if (await isListening(url)) {
    throw new CommandError(`Something listens at ${url} already. End it, or choose another port.`);
  }
  const isGroup = process.platform !== 'win32';
  const child = spawn(command, {
    shell: true,
    detached: isGroup,
    env: { ...process.env, ...settings, PORT: String(portOf(new URL(url))) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = [...printed, ...text.split('\n').filter(Boolean)].slice(-LAST_LINES);
    });
  }
  const lastLines = () => (printed.length > 0 ? `It printed:\n${printed.join('\n')}` : 'It printed nothing.');
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;

  /** Sends it a signal, and says whether anything of it is left. On Windows taskkill ends what the shell started. */
  function signal(name: NodeJS.Signals | 0): boolean {
    if (!isGroup) {
      if (name !== 0 && !hasExited()) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
      return !hasExited();
    }
    try {
      return process.kill(-(child.pid ?? 0), name);
    } catch {
      return false;
    }
  }
  // Ctrl-C does not reach another group of processes.
  const interrupted = () => {
    signal('SIGTERM');
    process.exit(130);
  };
  for (const name of SIGNALS) process.on(name, interrupted);

  async function stop(): Promise<void> {
    const asked = performance.now();
    let isLeft = signal('SIGTERM');
    while (isLeft) {
      await wait(POLL_MS);
      isLeft = signal(performance.now() - asked > STOP_TIMEOUT_MS ? 'SIGKILL' : 0);
    }
    for (const name of SIGNALS) process.off(name, interrupted);
  }

  const started = performance.now();
  while (!(await isListening(url))) {
    if (hasExited() || performance.now() - started > START_TIMEOUT_MS) {
      await stop();
      throw new CommandError(`The receiver does not listen at ${url}. ${lastLines()}`);
    }
    await wait(POLL_MS);
  }
  return { stop, lastLines };
}
