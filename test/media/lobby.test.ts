import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { lobby } from '../../media/lobby.ts';
import { manualClock, settled } from '../clock.ts';
import { mediaHost } from '../support/media-host.ts';

const connection = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
const open = (sockets: readonly Duplex[]) => sockets.filter(({ destroyed }) => !destroyed).length;

function room(capacity: number) {
  const clock = manualClock();
  return { clock, ...lobby({ capacity, headerSeconds: 10, clock }) };
}

describe('a lobby', () => {
  test('holds no more than there is room for: who has said nothing for longest goes', () => {
    const { enter, size } = room(3);
    const sockets = Array.from({ length: 10 }, connection);
    for (const socket of sockets) enter(socket);
    expect(size()).toBe(3);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([...Array(7).fill(true), false, false, false]);
  });

  test('sends those away first who were turned away', () => {
    const { enter, dismiss } = room(2);
    const [silent, dismissed, next] = [connection(), connection(), connection()];
    enter(silent);
    enter(dismissed);
    dismiss(dismissed);
    enter(next);
    expect([silent, dismissed, next].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
  });

  test('keeps those who are being looked at, and lets nobody in while all of them are', () => {
    const { enter, judging, leave } = room(2);
    const [one, two, three, four] = [connection(), connection(), connection(), connection()];
    for (const socket of [one, two]) {
      enter(socket);
      judging(socket);
    }
    enter(three);
    leave(one);
    enter(four);
    expect([one, two, three, four].map(({ destroyed }) => destroyed)).toEqual([false, false, true, false]);
  });

  test('gives ten seconds to say something, and one to go', async () => {
    const { clock, enter, judging, dismiss, leave } = room(10);
    const sockets = Array.from({ length: 4 }, connection);
    const [silent, judged, dismissed, gone] = sockets as [Duplex, Duplex, Duplex, Duplex];
    for (const socket of sockets) enter(socket);
    judging(judged);
    dismiss(dismissed);
    leave(gone);
    await clock.advance(1000);
    expect([silent, judged, dismissed, gone].map(({ destroyed }) => destroyed)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    await clock.advance(9000);
    expect([silent, judged, gone].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
    expect(clock.sleepers()).toBe(0);
  });

  test('forgets who has gone', async () => {
    const { clock, enter, size } = room(10);
    const socket = connection();
    enter(socket);
    socket.destroy();
    await settled();
    expect([size(), clock.sleepers()]).toEqual([0, 0]);
  });
});

describe('connections that say nothing', () => {
  test('are closed when the time for a request is over, half a request or none', async () => {
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

  test('do not keep a genuine call out, however many they are', async () => {
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

  test('a body that does not end is not waited for', async () => {
    const host = await mediaHost();
    const raw = host.connection();
    raw.write('POST /media HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\nxxx');
    expect(await raw.status).toBe(404);
    await host.clock.advance(1000);
    await raw.everything;
  });
});
