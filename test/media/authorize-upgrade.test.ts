import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { newSigningKey, rs256 } from '../../local/fakes/token.ts';
import { memoryLedger } from '../../shared/ledger/memory.ts';
import { Outage } from '../../shared/errors.ts';
import { manualClock } from '../clock.ts';
import { brokenRing } from '../support/secret-versions.ts';
import { DAY, life, mediaHost, sent } from '../support/media-host.ts';
import type { TestHost } from '../support/media-host.ts';
import { clientFrame } from '../support/upgrade.ts';
import type { Headers } from '../support/upgrade.ts';

// Refused before 101, over bare connections: there is never a WebSocket, a frame or a handler.
type Attack = (host: TestHost) => { target?: string; headers?: Headers; behind?: Uint8Array };
const withToken =
  (claims: Record<string, unknown>): Attack =>
  (host) => ({ headers: host.bearer(host.token(claims)) });
const withTicket =
  (given: Parameters<TestHost['ticket']>[0]): Attack =>
  (host) => ({ target: host.target(host.ticket(given)) });
const attackers = await newSigningKey('attacker');

const attacks: readonly (readonly [name: string, reason: string, attack: Attack])[] = [
  ['no token', 'token-missing', () => ({ headers: [] })],
  ['a token that is not a JWT', 'token-malformed', (host) => ({ headers: host.bearer('rubbish') })],
  [
    'a signature of another key',
    'token-signature',
    (host) => ({
      headers: host.bearer(rs256(host.acs.header(), { ...host.acs.claims(), ...life(DAY) }, attackers)),
    }),
  ],
  [
    'an unsigned token',
    'token-algorithm',
    (host) => ({
      headers: host.bearer(
        rs256({ ...host.acs.header(), alg: 'none' }, host.acs.claims(), host.acs.signingKey()),
      ),
    }),
  ],
  ["another customer's audience", 'token-audience', withToken({ aud: 'another-resource' })],
  ['no audience', 'token-audience', withToken({ aud: undefined })],
  ['another issuer', 'token-issuer', withToken({ iss: 'https://issuer.example' })],
  ['an expired token', 'token-expired', withToken({ ...life(-120), iat: undefined, nbf: undefined })],
  ['a life of two days', 'token-life-too-long', withToken(life(2 * DAY))],
  [
    'a life of two days, one of them over',
    'token-life-too-long',
    withToken({ iat: life(0).iat - DAY, nbf: undefined, exp: life(DAY - 60).exp }),
  ],
  ['no exp', 'token-expiry-missing', withToken({ exp: undefined })],
  [
    'the token in the query',
    'token-missing',
    (host) => ({ target: `${host.target()}&access_token=${host.token()}`, headers: [] }),
  ],
  [
    'the token as a subprotocol',
    'token-missing',
    (host) => ({ headers: [['sec-websocket-protocol', `bearer, ${host.token()}`]] }),
  ],
  [
    'two Authorization headers, the first of them right',
    'token-not-bearer',
    (host) => ({ headers: [...host.bearer(), ['authorization', 'Bearer x']] }),
  ],
  [
    'one token in two Authorization headers',
    'token-not-bearer',
    (host) => {
      const one = host.bearer();
      return { headers: [...one, ...one] };
    },
  ],
  ['no ticket', 'callback-key-missing', () => ({ target: '/media' })],
  [
    'a ticket under another name',
    'callback-key-missing',
    (host) => ({ target: `/media?key=${host.ticket()}` }),
  ],
  [
    'two tickets',
    'callback-key-repeated',
    (host) => ({ target: `${host.target()}&ticket=${host.ticket()}` }),
  ],
  ['a malformed ticket', 'callback-key-malformed', () => ({ target: '/media?ticket=v1.dev' })],
  ['an expired ticket', 'callback-key-expired', withTicket({ expiresIn: -1 })],
  ['a ticket too far ahead', 'callback-key-too-far-ahead', withTicket({ expiresIn: 2 * DAY })],
  ['a ticket of another secret', 'callback-key-forged', withTicket({ secret: 'of the attacker' })],
  ['a ticket of an empty secret', 'callback-key-forged', withTicket({ secret: '' })],
  ['a callback key as a ticket', 'callback-key-forged', withTicket({ purpose: 'callback' })],
  [
    'frames along with the upgrade',
    'token-missing',
    () => ({ headers: [], behind: Buffer.concat([clientFrame(sent.metadata), randomBytes(8 * 2 ** 20)]) }),
  ],
];

test.each(attacks)('%s is refused with 401 before 101', async (_name, reason, attack) => {
  let handlers = 0;
  const host = await mediaHost({ handler: () => void handlers++ });
  const raw = host.raw(attack(host));
  const answer = await raw.everything;
  expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 401 Unauthorized');
  expect(answer).toMatch(/\r\nwww-authenticate: Bearer\r\n/);
  expect(answer.split('\r\n\r\n')[1]).toBe('{"error":"unauthorized"}');
  expect(answer).not.toContain('101');
  expect(host.lines).toEqual([
    expect.objectContaining({ delivery: 'media', verdict: 'rejected', reason, status: 401 }),
  ]);
  expect([handlers, host.size()]).toEqual([0, 0]);
});

test('every 401 is the same, to the byte', async () => {
  const host = await mediaHost();
  const answers = await Promise.all(attacks.map(([, , attack]) => host.raw(attack(host)).everything));
  expect(new Set(answers).size).toBe(1);
});

test('the genuine upgrade that the attacks are derived from gets 101', async () => {
  const host = await mediaHost();
  expect(await host.raw().status).toBe(101);
  expect(await host.raw({ target: host.target(host.ticket({ purpose: 'transcription' })) }).status).toBe(101);
});

test.each([
  '/',
  '/media/',
  '/Media',
  '//media',
  '/media%3F',
  '/api/media',
  'http://a.example/media',
  '*',
  '//',
])('an upgrade of %s is refused: there is no such path', async (path) => {
  const host = await mediaHost();
  const raw = host.raw({ target: path.startsWith('*') ? path : `${path}?ticket=${host.ticket()}` });
  // Node's own parser refuses some of them with 400.
  expect((await raw.everything).split(' ')[1]).toMatch(/^40[04]$/);
  expect(host.size()).toBe(0);
});

test('a foreign source address is 403 if SOURCE_ADDRESSES enforces it, and otherwise reported', async () => {
  const foreign: Headers = [['x-forwarded-for', '198.51.100.7']];
  const strict = await mediaHost({ settings: { SOURCE_ADDRESSES: 'enforce' } });
  const answer = await strict.raw({ headers: [...strict.bearer(), ...foreign] }).everything;
  expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  // The caller writes what is further left, or in a header before it.
  const spoofed: Headers = [['x-forwarded-for', '52.112.0.1'], ...foreign];
  expect(await strict.raw({ headers: [...strict.bearer(), ...spoofed] }).status).toBe(403);
  const own: Headers = [['x-forwarded-for', '52.112.0.1']];
  expect(await strict.raw({ headers: [...strict.bearer(), ...own] }).status).toBe(101);

  const lenient = await mediaHost();
  expect(await lenient.raw({ headers: [...lenient.bearer(), ...foreign] }).status).toBe(101);
  expect(lenient.lines[0]).toMatchObject({ status: 101, reported: ['source-address-foreign'] });
});

describe('our own outage is 503 with Retry-After', () => {
  test.each([
    ['the vault', 'callback-secret-unavailable', { callbackSecret: brokenRing() }],
    ['the issuer', 'keys-unavailable', {}],
  ] as const)('%s', async (what, reason, options) => {
    const host = await mediaHost(options);
    if (what === 'the issuer') await host.acs.down();
    const answer = await host.raw().everything;
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(answer).toMatch(/\r\nretry-after: 5\r\n/);
    expect(host.lines).toEqual([expect.objectContaining({ verdict: 'unavailable', reason, status: 503 })]);
    if (what === 'the issuer') await host.acs.up();
  });
});

test('a check that throws refuses its upgrade, and not the next one', async () => {
  let broken = true;
  const host = await mediaHost({
    change: (upgrades) => ({
      ...upgrades,
      checks: [
        {
          name: 'broken',
          async run() {
            if (broken) throw new TypeError('unexpected');
            return {};
          },
        },
        ...upgrades.checks,
      ],
    }),
  });
  const answer = await host.raw().everything;
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(host.lines[0]).toMatchObject({ reason: 'check-threw', status: 401 });
  broken = false;
  expect(await host.raw().status).toBe(101);
});

test('after verification, a thrown outage is 503, and any other error 500', async () => {
  for (const [thrown, status] of [
    [new Outage('ledger-unavailable'), 503],
    [new TypeError('unexpected'), 500],
  ] as const) {
    const fail = () => Promise.reject(thrown);
    const host = await mediaHost({
      ledger: { ...memoryLedger(manualClock()), acquire: fail, putIfAbsent: fail },
    });
    expect(await host.raw().status).toBe(status);
    expect(host.size()).toBe(0);
  }
});

test('a peer that resets the connection during verification leaves nothing behind', async () => {
  const gate = Promise.withResolvers<void>();
  const verifying = Promise.withResolvers<void>();
  const host = await mediaHost({
    change: (upgrades) => ({
      ...upgrades,
      checks: [
        {
          name: 'slow',
          async run() {
            verifying.resolve();
            await gate.promise;
            return {};
          },
        },
        ...upgrades.checks,
      ],
    }),
  });
  const raw = host.raw();
  await verifying.promise;
  raw.socket.resetAndDestroy();
  await raw.everything;
  gate.resolve();
  await expect.poll(() => host.lines[0]).toMatchObject({ reason: 'upgrade-malformed' });
  expect(host.size()).toBe(0);
  expect(await host.raw().status).toBe(101);
});

test('a genuine upgrade with an invalid WebSocket handshake is 400, and its ticket is free again', async () => {
  const host = await mediaHost();
  const target = host.target();
  const raw = host.connection();
  raw.write(
    `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 12\r\nsec-websocket-key: x\r\nauthorization: Bearer ${host.token()}\r\n\r\n`,
  );
  expect(await raw.status).toBe(400);
  expect((await raw.everything).split('\r\n\r\n')[1]).toBe('{"error":"bad request"}');
  expect(await host.raw({ target }).status).toBe(101);
});

test('no offered subprotocol or extension is accepted', async () => {
  const host = await mediaHost();
  const raw = host.raw({
    headers: [
      ...host.bearer(),
      ['sec-websocket-protocol', 'one, two'],
      ['sec-websocket-extensions', 'permessage-deflate'],
    ],
  });
  expect(await raw.status).toBe(101);
  raw.socket.destroy();
  expect((await raw.everything).toLowerCase()).not.toMatch(/sec-websocket-(protocol|extensions)/);
});

test('a token whose life exceeds MEDIA_TOKEN_LIFE_SECONDS is refused', async () => {
  const host = await mediaHost({ settings: { MEDIA_TOKEN_LIFE_SECONDS: '600' } });
  expect(await host.raw().status).toBe(401);
  expect(await host.raw({ headers: host.bearer(host.token(life(600))) }).status).toBe(101);
});

test('the log contains no ticket, no token and no frame', async () => {
  const host = await mediaHost();
  const [ticket, token] = [host.ticket(), host.token()];
  const ws = await host.opened({
    target: host.target(ticket),
    headers: { authorization: `Bearer ${token}` },
  });
  ws.send(sent.tone('secret tone'));
  ws.close();
  await once(ws, 'close');
  await expect.poll(() => host.lines.length).toBe(2);
  const log = JSON.stringify([host.lines, host.logged]);
  expect(
    [ticket, ticket.split('.').at(-1), ...token.split('.'), 'secret tone'].filter((one) =>
      log.includes(one!),
    ),
  ).toEqual([]);
});
