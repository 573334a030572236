import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../http/loopback.ts';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import { listening } from './listening.ts';

const ACCOUNT = 'devstoreaccount1';

/**
 * Azure Table Storage as Microsoft's emulator plays it, with nothing kept on disk. It is reached through a line that can
 * be cut and restored, so that an outage loses nothing of what it holds.
 *
 * @param tls without it, http and the well-known key; with it, https and tokens of a managed identity
 */
export async function startAzurite(tls?: { cert: string; key: string }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ringward-azurite-'));
  const own = tls ? await secured(folder, tls) : [];
  const { child, port } = await startChild(folder, own);
  const line = await startLine(port, tls);
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${line.port}/${ACCOUNT}`,
    /** Where it listens beneath the path of its account. */
    port: line.port,
    down: line.down,
    up: line.up,
    /** Takes connections and answers nothing on them. */
    hang: line.hang,
    /** From now on every request meets this fault; without it, the table is well. */
    play: line.play,
    async close() {
      await line.down();
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

export type Azurite = Awaited<ReturnType<typeof startAzurite>>;

/** A port that was free may be taken before Azurite, which takes a second to start, asks for it. */
async function startChild(folder: string, own: readonly string[], attempts = 5) {
  const port = await freePort();
  const args = [
    '--tablePort',
    String(port),
    '--inMemoryPersistence',
    '--disableTelemetry',
    '--silent',
    ...own,
  ];
  const child = fork(path.join(import.meta.dirname, 'azurite-process.ts'), args, {
    cwd: folder,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    await started(child);
    return { child, port };
  } catch (fault) {
    if (attempts <= 1 || !(fault as Error).message.includes('EADDRINUSE')) throw fault;
    return startChild(folder, own, attempts - 1);
  }
}

async function secured(folder: string, tls: { cert: string; key: string }): Promise<string[]> {
  const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  await Promise.all([writeFile(cert, tls.cert), writeFile(key, tls.key)]);
  return ['--cert', cert, '--key', key, '--oauth', 'basic'];
}

/** It says so when it listens. */
function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const take = (text: Buffer) => {
      said += text.toString();
      if (said.includes('successfully started')) resolve();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Azurite ended with code ${code}: ${said}`)));
  });
}

/** A connection to a port of this machine that can be cut, or answered on instead. */
async function startLine(to: number, tls: { cert: string; key: string } | undefined) {
  const sockets = new Set<Socket>();
  let hanging = false;
  let fault: Fault | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  // Never listens: it is handed the connections of the line while there is a fault to play.
  const ailing = tls ? createHttpsServer(tls) : createHttpServer();
  ailing.on('request', (_request, response) => void faults[fault ?? 'reset'](response));
  const server = createServer((client) => {
    keep(client);
    if (hanging) return;
    if (fault) return void ailing.emit('connection', client);
    const upstream = connect(to, '127.0.0.1');
    keep(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const { port, down, up } = await listening(server);
  return {
    port,
    async down() {
      const closed = down();
      cut();
      await closed;
    },
    async up() {
      hanging = false;
      fault = undefined;
      cut();
      await up();
    },
    hang() {
      hanging = true;
      cut();
    },
    play(next?: Fault) {
      fault = next;
      cut();
    },
  };
}
