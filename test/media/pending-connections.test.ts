import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { pendingConnections } from '../../media/pending-connections.ts';
import { manualClock, settled } from '../clock.ts';
import { mediaHost } from '../support/media-host.ts';

const connection = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
const open = (sockets: readonly Duplex[]) => sockets.filter(({ destroyed }) => !destroyed).length;

function pending(capacity: number) {
  const clock = manualClock();
  return { clock, ...pendingConnections({ capacity, headerSeconds: 10, clock }) };
}

describe('pending connections', () => {
  test('are limited in number: the one that has been silent longest is destroyed', () => {
    const { add, size } = pending(3);
    const sockets = Array.from({ length: 10 }, connection);
    for (const socket of sockets) add(socket);
    expect(size()).toBe(3);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([...Array(7).fill(true), false, false, false]);
  });

  test('that were rejected are evicted first', () => {
    const { add, reject } = pending(2);
    const [silent, rejected, next] = [connection(), connection(), connection()];
    add(silent);
    add(rejected);
    reject(rejected);
    add(next);
    expect([silent, rejected, next].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
  });

  test('that are being verified are kept, and while all of them are, a new one is destroyed', () => {
    const { add, verifying, remove } = pending(2);
    const [one, two, three, four] = [connection(), connection(), connection(), connection()];
    for (const socket of [one, two]) {
      add(socket);
      verifying(socket);
    }
    add(three);
    remove(one);
    add(four);
    expect([one, two, three, four].map(({ destroyed }) => destroyed)).toEqual([false, false, true, false]);
  });

  test('have ten seconds to send a request, and one second to leave after a rejection', async () => {
    const { clock, add, verifying, reject, remove } = pending(10);
    const sockets = Array.from({ length: 4 }, connection);
    const [silent, verified, rejected, gone] = sockets as [Duplex, Duplex, Duplex, Duplex];
    for (const socket of sockets) add(socket);
    verifying(verified);
    reject(rejected);
    remove(gone);
    await clock.advance(1000);
    expect([silent, verified, rejected, gone].map(({ destroyed }) => destroyed)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    await clock.advance(9000);
    expect([silent, verified, gone].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
    expect(clock.sleepers()).toBe(0);
  });

  test('are forgotten when they close', async () => {
    const { clock, add, size } = pending(10);
    const socket = connection();
    add(socket);
    socket.destroy();
    await settled();
    expect([size(), clock.sleepers()]).toEqual([0, 0]);
  });
});

describe('silent connections', () => {
  test('are closed when the time for a request is over, whether they sent half a request or nothing', async () => {
    const host = await mediaHost({ settings: { MEDIA_HEADER_SECONDS: '5' } });
    const [none, half, genuine] = [host.connection(), host.connection(), host.raw()];
    half.write('GET /media?ticket=x HTTP/1.1\r\nhost: a\r\nx-a: ');
    expect(await genuine.status).toBe(101);
    await host.clock.advance(4_900);
    expect([none.socket.destroyed, half.socket.destroyed]).toEqual([false, false]);
    await host.clock.advance(200);
    expect(await Promise.all([none.everything, half.everything])).toEqual(['', '']);
    expect(host.size()).toBe(1);
  });

  test('do not keep a genuine call out, however many there are', async () => {
    const host = await mediaHost({ settings: { MEDIA_MAX_UNPROVED: '20' } });
    const silent = Array.from({ length: 100 }, () => host.connection());
    await Promise.all(silent.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    expect(await host.raw().status).toBe(101);
    await expect.poll(() => open(silent.map(({ socket }) => socket))).toBeLessThanOrEqual(20);
  });

  test('a plain request is answered and its connection closed', async () => {
    const host = await mediaHost();
    for (const [target, status] of [
      ['GET /media', 404],
      ['GET /', 404],
      ['POST /health', 404],
      ['GET /health?x', 503],
    ] as const) {
      const raw = host.connection();
      raw.write(`${target} HTTP/1.1\r\nhost: a\r\n\r\n`);
      expect(await raw.status).toBe(status);
      await raw.everything;
    }
  });

  test('a body that does not end is not awaited', async () => {
    const host = await mediaHost();
    const raw = host.connection();
    raw.write('POST /media HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\nxxx');
    expect(await raw.status).toBe(404);
    await host.clock.advance(1000);
    await raw.everything;
  });
});
