import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { bytesOf, withHeader } from '../../abuse/wire.ts';
import { inParallel } from '../../sender.ts';
import type { Target } from './target.ts';

/** Between two bytes, in milliseconds. */
const DRIP = 1000;
const AT_ONCE = 50;

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
  return socket;
}

/** Connections that say a byte a second of something that never ends; where one is closed, another takes its place. */
export async function drips(
  { port }: Target,
  start: Buffer,
  connections: number,
  seconds: number,
): Promise<void> {
  const until = Date.now() + seconds * 1000;
  const sockets = new Set<Socket>();
  while (Date.now() < until) {
    for (const socket of sockets) {
      if (socket.destroyed) sockets.delete(socket);
      else socket.write('a');
    }
    const missing = Array.from({ length: connections - sockets.size });
    await inParallel(missing, AT_ONCE, async () => {
      const socket = await connected(port);
      socket.write(start);
      sockets.add(socket);
    });
    await wait(DRIP);
  }
  for (const socket of sockets) socket.destroy();
}

/** Genuine requests without their token, left in the middle of their body or, where they have none, of their head. */
export async function aborts(target: Target, times: number): Promise<void> {
  const bytes = bytesOf(withHeader(await target.genuine(), 'authorization'));
  await inParallel([...Array(times).keys()], AT_ONCE, async (turn) => {
    const socket = await connected(target.port);
    const length = bytes.length - 3 - (turn % 50);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (socket.destroyed) return;
    socket.write(bytes.subarray(0, length), () => socket.resetAndDestroy());
    await closed;
  });
}
