import { describe, expect, onTestFinished, test } from 'vitest';
import { startAcs } from '../../local/providers/call-automation/acs.ts';
import { newSigningKey, rs256 } from '../../local/fakes/token.ts';
import { Outage } from '../../shared/errors.ts';
import type { MediaHandler } from '../../shared/events/media.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { isUnsettled, manualClock } from '../clock.ts';
import { keysOf, startIssuer } from '../support/issuer.ts';
import { ringOf, version } from '../support/secret-versions.ts';
import { closeCode, DAY, life, mediaHost, sent } from '../support/media-host.ts';
import { clientFrame } from '../support/upgrade.ts';

const never = new AbortController().signal;

describe('health', () => {
  test('is 503 until the keys are loaded, then 200', async () => {
    const host = await mediaHost();
    expect(await host.get('/health')).toEqual({ status: 503, body: '{"status":"unavailable"}' });
    await host.keys.warm();
    expect(await host.get('/health')).toEqual({ status: 200, body: '{"status":"ok"}' });
  });

  test.each(['the secret', 'the ledger'])('is 503 while %s is not available, and no longer', async (what) => {
    let isAvailable = false;
    const secret = ringOf(version('dev', 'the secret of the tests, of 32 bytes or more'));
    const missing = { isAvailable: () => isAvailable };
    const host = await mediaHost(
      what === 'the secret'
        ? { callbackSecret: { ...secret, ...missing } }
        : { ledger: { ...memoryLedger(manualClock()), ...missing } },
    );
    await host.keys.warm();
    expect(await host.get('/health')).toEqual({ status: 503, body: '{"status":"unavailable"}' });
    isAvailable = true;
    expect(await host.get('/health')).toEqual({ status: 200, body: '{"status":"ok"}' });
  });

  test('is 503 while as many sockets are open as MEDIA_MAX_SOCKETS allows', async () => {
    const host = await mediaHost({ settings: { MEDIA_MAX_SOCKETS: '1' } });
    const ws = await host.opened();
    expect(await host.get('/health')).toMatchObject({ status: 503 });
    ws.close();
    await expect.poll(async () => (await host.get('/health')).status).toBe(200);
  });

  test("is not changed by a stranger's upgrade that is refused during an outage", async () => {
    const secret = ringOf(version('dev', 'the secret of the tests, of 32 bytes or more'));
    const find = (kid: string) =>
      kid === 'dev' ? secret.find(kid, never) : Promise.reject(new Outage('callback-secret-unavailable'));
    const host = await mediaHost({ callbackSecret: { ...secret, find } });
    await host.keys.warm();
    await host.clock.advance(10_000);
    await host.acs.down();
    const unknownKey = { ...host.acs.header(), kid: 'unknown' };
    const strangersToken = rs256(
      unknownKey,
      { ...host.acs.claims(), ...life(DAY) },
      await newSigningKey('unknown'),
    );
    const strangersTicket = host.ticket().replace('v1.dev.', 'v1.unknown.');
    for (const [reason, sent] of [
      ['keys-unavailable', { headers: host.bearer(strangersToken) }],
      ['callback-secret-unavailable', { target: host.target(strangersTicket) }],
    ] as const) {
      expect(await host.raw(sent).status).toBe(503);
      expect(host.lines.at(-1)).toMatchObject({ verdict: 'unavailable', reason });
      expect(await host.get('/health')).toEqual({ status: 200, body: '{"status":"ok"}' });
    }
    expect(await host.raw().status).toBe(101);
    await host.acs.up();
  });

  test('is not changed by a forged upgrade, or by a second one with the same ticket', async () => {
    const host = await mediaHost();
    await host.keys.warm();
    await host.raw({ headers: [] }).status;
    await host.raw({ target: '/media' }).status;
    const target = host.target();
    await host.opened({ target });
    expect(await host.raw({ target }).status).toBe(503);
    expect(await host.get('/health')).toMatchObject({ status: 200 });
  });

  test('fetches nothing when it is probed', async () => {
    const host = await mediaHost();
    for (let time = 0; time < 20; time++) await host.get('/health');
    expect(host.acs.fetches()).toEqual({ configuration: 0, keys: 0 });
  });
});

describe('the first frames', () => {
  // Microsoft's published sample attaches its listener after it has verified the token, and so loses the metadata.
  function collecting() {
    const kinds: string[] = [];
    const handler: MediaHandler = async (session) => {
      for await (const frame of session) kinds.push(frame.kind);
    };
    return { kinds, handler };
  }

  test('are not lost if fetching the keys takes a second', async () => {
    const { kinds, handler } = collecting();
    const [real, slow] = [await startAcs(), await startIssuer()];
    onTestFinished(() => void Promise.all([real.close(), slow.close()]));
    const gate = Promise.withResolvers<void>();
    slow.at('/keys', (...exchange) => void gate.promise.then(() => keysOf(real.signingKey())(...exchange)));
    const claims = () => ({ ...real.claims(), iss: slow.issuer });
    const host = await mediaHost({ handler, acs: { ...real, ...slow, claims } });

    // One frame in the packet of the upgrade, one while the keys are being fetched, one right behind the 101.
    const raw = host.raw({ behind: clientFrame(sent.metadata) });
    // Requests: the configuration, and the keys, which are held back.
    await slow.arrived(2);
    raw.write(clientFrame(sent.tone('1')));
    await host.clock.advance(1000);
    expect(kinds).toEqual([]);
    gate.resolve();
    expect(await raw.status).toBe(101);
    raw.write(clientFrame(sent.tone('2')));
    await expect.poll(() => kinds).toEqual(['AudioMetadata', 'DtmfData', 'DtmfData']);
  });

  test('are not lost if the handler begins to iterate late', async () => {
    const gate = Promise.withResolvers<void>();
    const { kinds, handler } = collecting();
    const host = await mediaHost({
      handler: async (...given) => {
        await gate.promise;
        return handler(...given);
      },
    });
    const raw = host.raw({
      behind: Buffer.concat([clientFrame(sent.metadata), clientFrame(sent.tone('1'))]),
    });
    expect(await raw.status).toBe(101);
    gate.resolve();
    await expect.poll(() => kinds).toEqual(['AudioMetadata', 'DtmfData']);
  });

  test('are still yielded if the peer closes behind them', async () => {
    const { kinds, handler } = collecting();
    const host = await mediaHost({ handler });
    const close = clientFrame('\x03\xe8', 0x88);
    const many = Array.from({ length: 100 }, () => clientFrame(sent.tone('1')));
    host.raw({ behind: Buffer.concat([clientFrame(sent.metadata), ...many, close]) });
    await expect.poll(() => kinds).toHaveLength(101);
  });

  test('are not lost if they exceed the queue before there is a session', async () => {
    const { kinds, handler } = collecting();
    const gate = Promise.withResolvers<void>();
    const host = await mediaHost({
      handler,
      change: (upgrades) => ({
        ...upgrades,
        checks: [
          ...upgrades.checks,
          {
            name: 'slow',
            async run() {
              await gate.promise;
              return {};
            },
          },
        ],
      }),
    });
    const frames = Array.from({ length: 2000 }, () => clientFrame(sent.audio(Buffer.alloc(640))));
    const raw = host.raw({ behind: Buffer.concat(frames) });
    gate.resolve();
    expect(await raw.status).toBe(101);
    // Five hundred frames a second, on the host's manual clock.
    for (let second = 0; second < 5; second++) {
      await expect.poll(() => kinds.length).toBeGreaterThanOrEqual(Math.min(2000, (second + 1) * 500 - 1));
      await host.clock.advance(1000);
    }
    await expect.poll(() => kinds).toHaveLength(2000);
  });
});

describe('a stop', () => {
  test('refuses new sockets, and gives open ones their grace time before it closes them with 1001', async () => {
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

  test('ends as soon as the last socket is closed', async () => {
    const host = await mediaHost();
    const ws = await host.opened();
    const stopped = host.stop(600);
    expect(await isUnsettled(stopped)).toBe(true);
    ws.close();
    await stopped;
  });

  test('frees the tickets, also that of an upgrade that it refused', async () => {
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

  test('is not delayed by a handler that never ends', async () => {
    const host = await mediaHost({ handler: () => new Promise(() => {}) });
    const ws = await host.opened();
    const closed = closeCode(ws);
    await host.stop(0);
    expect(await closed).toBe(1001);
  });
});
