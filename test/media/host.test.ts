import { describe, expect, test } from 'vitest';
import { health, keepKeys } from '../../media/health.ts';
import { isPending, manualClock } from '../clock.ts';
import { brokenRing } from '../support/secret-versions.ts';
import { closeCode, DAY, mediaHost, sent } from '../support/media-host.ts';

describe('health', () => {
  test('is 503 until the keys are there, then 200', async () => {
    const host = await mediaHost();
    expect(await host.get('/health')).toEqual({ status: 503, body: '{"status":"unavailable"}' });
    await host.keys.warm();
    expect(await host.get('/health')).toEqual({ status: 200, body: '{"status":"ok"}' });
  });

  test('is 503 for ten seconds after an upgrade has met an outage, and no longer', async () => {
    const host = await mediaHost({ ring: brokenRing() });
    await host.keys.warm();
    await host.raw().status;
    expect(await host.get('/health')).toMatchObject({ status: 503 });
    await host.clock.advance(10_000);
    expect(await host.get('/health')).toMatchObject({ status: 200 });
  });

  test('a forged upgrade, or a second one under a ticket, changes nothing about it', async () => {
    const host = await mediaHost();
    await host.keys.warm();
    await host.raw({ headers: [] }).status;
    await host.raw({ target: '/media' }).status;
    const target = host.target();
    await host.opened({ target });
    expect(await host.raw({ target }).status).toBe(503);
    expect(await host.get('/health')).toMatchObject({ status: 200 });
  });

  test('asking for it fetches nothing', async () => {
    const host = await mediaHost();
    for (let time = 0; time < 20; time++) await host.get('/health');
    expect(host.acs.fetches()).toEqual({ configuration: 0, keys: 0 });
  });

  test('the keys are fetched without an upgrade, again while they cannot be had, and before they are too old', async () => {
    const clock = manualClock();
    let [fetches, age] = [0, undefined as number | undefined];
    let out = true;
    const keys = {
      age: () => age,
      async warm() {
        fetches++;
        if (!out) age = 0;
      },
    };
    const { outage } = health({ keys, maxStaleSeconds: DAY, clock });
    void keepKeys(keys, DAY, clock);
    await clock.advance(60_000);
    expect(outage()).toBe('keys-unavailable');
    expect(fetches).toBe(5);
    out = false;
    await clock.advance(60_000);
    expect([outage(), fetches]).toEqual([undefined, 6]);
    age = DAY / 2 + 1;
    await clock.advance(15_000);
    expect([age, fetches]).toEqual([0, 7]);
  });
});

describe('a stop', () => {
  test('lets nobody in from then on, and gives open sockets their time before it closes them with 1001', async () => {
    const host = await mediaHost();
    await host.keys.warm();
    const target = host.target();
    const ws = await host.opened({ target });
    const stopped = host.stop(20);
    expect(await host.raw().status).toBe(503);
    expect(host.lines.at(-1)).toMatchObject({ reason: 'host-stopping' });
    expect(await host.get('/health')).toMatchObject({ status: 503 });
    await host.clock.advance(19_000);
    expect(ws.readyState).toBe(ws.OPEN);
    ws.send(sent.metadata);
    const closed = closeCode(ws);
    await host.clock.advance(1_000);
    expect(await closed).toBe(1001);
    await stopped;
    expect(host.size()).toBe(0);
    expect(await host.connection().status).toBe(0);
  });

  test('is over as soon as the last socket is closed', async () => {
    const host = await mediaHost();
    const ws = await host.opened();
    const stopped = host.stop(600);
    expect(await isPending(stopped)).toBe(true);
    ws.close();
    await stopped;
  });

  test('frees the tickets, and the ticket of whom it let in no more', async () => {
    const host = await mediaHost();
    const other = await mediaHost({ ledger: host.ledger, acs: host.acs });
    const [one, two] = [host.target(), host.target()];
    await host.opened({ target: one });
    const stopped = host.stop(0);
    expect(await host.raw({ target: two }).status).not.toBe(101);
    await stopped;
    for (const target of [one, two]) {
      expect(await other.raw({ target, headers: host.bearer() }).status).toBe(101);
    }
  });

  test('a handler that never ends does not hold it up', async () => {
    const host = await mediaHost({ handler: () => new Promise(() => {}) });
    const ws = await host.opened();
    const closed = closeCode(ws);
    await host.stop(0);
    expect(await closed).toBe(1001);
  });
});
