import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post } from '../../local/http/request.ts';
import { hs256 } from '../../local/fakes/token.ts';
import { sampleBody } from '../../local/providers/vonage/project.ts';
import { vonageKinds } from '../../shared/events/vonage.ts';
import type { VonageKind } from '../../shared/events/vonage.ts';
import { stageWithTestHandlers, startAiling, startInProduction, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// Vonage's callbacks against the staged bundle, each kind with a signature secret of its own in the vault.
let staged: string;
let app: StagedApp;

beforeAll(async () => {
  staged = await stageWithTestHandlers();
  app = await startInProduction(staged);
});
afterAll(() => app.stop());

const handlings = (mark: string, of = app) =>
  of.logged.flatMap(({ message }) => (message.startsWith(`started ${mark} `) ? [message] : []));
const marked = (kind: VonageKind, change: Record<string, unknown> = {}) => {
  const mark = randomUUID();
  return { mark, body: sampleBody(kind, { mark, ...change }) };
};
const send = async (kind: VonageKind, body: string | Uint8Array, now?: number) =>
  (await app.post(app.vonage.callback(app.url, kind, body, now))).status;

test.each(vonageKinds)('a callback of the kind %s is handed over', async (kind) => {
  const { mark, body } = marked(kind);
  expect(await send(kind, body)).toBe(200);
  expect(handlings(mark)).toHaveLength(1);
});

test('an archive goes to the handler of its state, and a state that nobody knows to the rest', async () => {
  const [available, newer] = [marked('archive'), marked('archive', { status: 'invented' })];
  await send('archive', available.body);
  await send('archive', newer.body);
  expect(handlings(available.mark)[0]).toContain('available');
  expect(handlings(newer.mark)[0]).toContain('otherwise invented');
});

test('a state without a handler is answered 200', async () => {
  const { mark, body } = marked('sip', { event: 'callDestroyed' });
  expect(await send('sip', body)).toBe(200);
  expect(handlings(mark)).toEqual([]);
});

test('a kind that does not exist finds no route', async () => {
  const request = app.vonage.callback(app.url, 'sip', sampleBody('sip'));
  expect((await post({ ...request, url: request.url.replace('/sip', '/invented') })).status).toBe(404);
});

describe('a callback that comes again', () => {
  test('with the same token and body is handled once', async () => {
    const { mark, body } = marked('archive');
    const request = app.vonage.callback(app.url, 'archive', body);
    expect([(await app.post(request)).status, (await app.post(request)).status]).toEqual([200, 200]);
    expect(handlings(mark)).toHaveLength(1);
  });

  test('under a new token is the same one where its body says when it was', async () => {
    const { mark, body } = marked('session-monitoring');
    expect([await send('session-monitoring', body), await send('session-monitoring', body)]).toEqual([
      200, 200,
    ]);
    expect(handlings(mark)).toHaveLength(1);
  });

  test('under a new token may be another one where it does not', async () => {
    const { mark, body } = marked('captions');
    expect([await send('captions', body), await send('captions', body)]).toEqual([200, 200]);
    expect(handlings(mark)).toHaveLength(2);
  });

  test('after its handler threw is handled', async () => {
    const { mark, body } = marked('archive', { status: 'failed' });
    const request = app.vonage.callback(app.url, 'archive', body);
    expect([(await app.post(request)).status, (await app.post(request)).status]).toEqual([500, 200]);
    expect(handlings(mark)).toHaveLength(2);
  });

  test('for the first time after a day of retries is handled', async () => {
    const { mark, body } = marked('sip');
    expect(await send('sip', body, Math.floor(Date.now() / 1000) - 24 * 3600 - 600)).toBe(200);
    expect(handlings(mark)).toHaveLength(1);
  });
});

test('without a token it is 503, so that Vonage sends it again', async () => {
  const { mark, body } = marked('sip');
  expect(await post(app.vonage.unsigned(app.url, 'sip', body))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
  });
  expect(handlings(mark)).toEqual([]);
});

describe('the hash holds on the raw bytes', () => {
  test.each([
    ['odd white space', (body: string) => body.replaceAll(',', ' ,\r\n\t')],
    ['escapes', (body: string) => body.replace('callCreated', '\\u0063allCreated')],
  ])('with %s it is handed over', async (_what, respell) => {
    const { mark, body } = marked('sip');
    expect(await send('sip', respell(body))).toBe(200);
    expect(handlings(mark)).toHaveLength(1);
  });

  test.each<[string, string | Uint8Array]>([
    ['a byte order mark', `\uFEFF${sampleBody('sip')}`],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"event":"'), Buffer.from([0xff]), Buffer.from('"}')])],
    ['no JSON', 'callCreated'],
    ['nothing', ''],
    ['an array', `[${sampleBody('sip')},1]`],
    ['a number', '7'],
  ])('%s is genuine and of no use: 400', async (_what, body) => {
    expect(await send('sip', body)).toBe(400);
  });
});

describe('secrets', () => {
  test('old and new are accepted side by side, and a project without one of its kind uses its own', async () => {
    const own = await startStaged(staged, {}, ({ azure, vonage }) => {
      // Rotated in the vault; Vonage still signs with the old one for half an hour.
      azure.vault.add(`vonage-${vonage.apiKey}-sip`, 'the new secret of the kind, 32 bytes');
    });
    try {
      const status = async (secret?: string) => {
        const body = sampleBody('sip');
        const request = own.vonage.callback(own.url, 'sip', body);
        if (!secret) return (await post(request)).status;
        const token = hs256(own.vonage.header(), own.vonage.claims(body), secret);
        const headers = [['authorization', `Bearer ${token}`]] as const;
        return (await post({ ...request, headers })).status;
      };
      expect(await status()).toBe(200);
      expect(await status('the new secret of the kind, 32 bytes')).toBe(200);
      expect(await status('another secret that nobody ever set.')).toBe(401);
    } finally {
      await own.stop();
    }
  });

  test('a project that is configured and has no secret anywhere is our fault: 503', async () => {
    // Its health names the missing secret.
    const own = await startAiling(staged, { VONAGE_PROJECTS: '41234567' });
    try {
      const body = sampleBody('sip');
      const request = own.vonage.callback(own.url, 'sip', body);
      const token = hs256(own.vonage.header(), { ...own.vonage.claims(body), api_key: '41234567' }, 'guess');
      expect((await post({ ...request, headers: [['authorization', `Bearer ${token}`]] })).status).toBe(503);
      // A project that is not configured is refused, though the vault has its secret, and the vault is not asked for it.
      expect((await post(request)).status).toBe(401);
      expect(own.azure.vault.requests().filter((path) => path.includes(own.vonage.apiKey))).toEqual([]);
    } finally {
      await own.stop();
    }
  });

  test('the vault being down from the start is 503 at little cost, and after the warm-up is not noticed', async () => {
    const down = await startAiling(staged, {}, ({ azure }) => azure.vault.play('server-error'));
    try {
      const bodies = Array.from({ length: 1000 }, () => sampleBody('sip'));
      const replies: number[] = [];
      for (let from = 0; from < bodies.length; from += 50) {
        const some = bodies
          .slice(from, from + 50)
          .map((body) => post(down.vonage.callback(down.url, 'sip', body)));
        replies.push(...(await Promise.all(some)).map(({ status }) => status));
      }
      expect(new Set(replies)).toEqual(new Set([503]));
      expect(down.azure.vault.attempts()).toBeLessThanOrEqual(6);
    } finally {
      await down.stop();
    }
    app.azure.vault.play('server-error');
    try {
      expect(await send('sip', sampleBody('sip'))).toBe(200);
    } finally {
      app.azure.vault.play();
    }
  });
});
