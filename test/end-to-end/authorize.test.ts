import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callbackForgeries } from '../../local/providers/call-automation/forgeries/index.ts';
import { callback, genuineCall } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest, Reply } from '../../local/http/request.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import { rs256 } from '../../local/fakes/token.ts';
import { stageWithTestHandlers, startAiling, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

const forgeries = Object.values(callbackForgeries).flat();

// GET /api/authorize of the staged bundle: what a reverse proxy is told about each request.
const DAY = 86_400;
const UNREACHABLE = 'https://127.0.0.1:9';
let staged: string;

beforeAll(async () => {
  staged = await stageWithTestHandlers();
});

const pathOf = (url: string) => url.slice(new URL(url).origin.length);

/** The sub-request that a proxy makes of a request: its headers, its URI in one of them, and no body. */
function subRequest(app: StagedApp, { url, headers }: OutgoingRequest, query = 'for=callback') {
  const original = [['x-original-uri', pathOf(url)]] as const;
  return withoutUri(app, { url, headers: [...headers, ...original], body: '' }, query);
}

const withoutUri = (app: StagedApp, { headers }: OutgoingRequest, query = 'for=callback') =>
  ({ url: `${app.url}/api/authorize?${query}`, method: 'GET', headers, body: '' }) as const;

const reasonOf = async (app: StagedApp, { headers }: Reply) =>
  (await app.lineOf(String(headers['x-ms-invocation-id']))).reason;

/** What is answered, and why. Waits for the log itself, so it takes the bare way of sending. */
async function asked(app: StagedApp, request: OutgoingRequest) {
  const reply = await post(request);
  return { status: reply.status, reason: await reasonOf(app, reply) };
}

const REFUSED = { status: 401, body: '{"error":"unauthorized"}', headers: { 'www-authenticate': 'Bearer' } };

describe('the authorize route', () => {
  let app: StagedApp;
  beforeAll(async () => {
    app = await startStaged(staged);
  });
  afterAll(() => app.stop());

  const callbackOf = async () =>
    callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);

  test('a genuine request may pass, as often as it is asked for, and is then handled', async () => {
    const request = await callbackOf();
    for (const sub of [subRequest(app, request), subRequest(app, request), withoutUri(app, request)]) {
      expect(await app.post(sub)).toMatchObject({ status: 204, body: '' });
    }
    expect(await app.post(request)).toMatchObject({ status: 200 });
    expect(await app.post(subRequest(app, request))).toMatchObject({ status: 204 });
  });

  test('a refusal is the one of every route', async () => {
    expect(await app.post(withoutUri(app, { ...(await callbackOf()), headers: [] }))).toMatchObject(REFUSED);
  });

  test('neither the content type nor the address of the caller matters', async () => {
    const request = await callbackOf();
    const others = [
      ['x-forwarded-for', '203.0.113.9'],
      ['content-type', 'text/plain'],
    ] as const;
    const headers = [...request.headers.filter(([name]) => name !== 'content-type'), ...others];
    expect(await app.post(subRequest(app, { ...request, headers }))).toMatchObject({ status: 204 });
  });
});

describe('what a proxy is told', () => {
  let app: StagedApp;
  beforeAll(async () => {
    app = await startStaged(staged);
  });
  afterAll(() => app.stop());

  const uri = () => app.callbackUri();
  const callbackOf = async (token?: string) =>
    callback(app.acs, await uri(), [newCall().event('CallConnected')], token);
  const mediaToken = () => {
    const now = Math.floor(Date.now() / 1000);
    return rs256(app.acs.header(), { ...app.acs.claims(), exp: now + DAY }, app.acs.signingKey());
  };
  const ticket = async (purpose: 'media' | 'transcription' | 'callback', expiresIn?: number) =>
    genuineCall(app, await callbackOf()).mintKey({ purpose, ...(expiresIn && { expiresIn }) });
  const socketOf = async (token: string, ticket: string): Promise<OutgoingRequest> => ({
    ...(await callbackOf(token)),
    url: `https://media.example/media?ticket=${ticket}`,
  });

  // What is seen of a request before its body: the rest is held by the app behind.
  const visible = forgeries.filter(({ afterGenuine, expected }) => !afterGenuine && expected.status === 401);

  test.each(visible.filter(({ alternatively }) => !alternatively))(
    '$name is refused as $expected.reason',
    async ({ forge, expected }) => {
      const forged = forge(genuineCall(app, await callbackOf()));
      expect(await asked(app, subRequest(app, forged))).toEqual(expected);
    },
  );

  test('a key id that nobody knows is refused after vault and issuer were asked again, or put off', async () => {
    const unknown = visible.filter(({ alternatively }) => alternatively);
    expect(unknown.length).toBeGreaterThan(3);
    for (const { expected, alternatively, forge } of unknown) {
      const forged = forge(genuineCall(app, await callbackOf()));
      expect([expected, alternatively]).toContainEqual(await asked(app, subRequest(app, forged)));
    }
  });

  test('where the proxy passes no URI on, the key in it is not asked for, but the token is', async () => {
    const keyless = { ...(await callbackOf()), url: `${app.url}/api/callbacks/call-automation` };
    expect(await asked(app, withoutUri(app, keyless))).toEqual({ status: 204 });
    expect(await asked(app, subRequest(app, keyless))).toMatchObject({ reason: 'callback-key-missing' });
    expect(await asked(app, withoutUri(app, { ...keyless, headers: [] }))).toMatchObject({
      reason: 'token-missing',
    });
  });

  test.each([
    ['twice', (path: string) => [path, path]],
    ['once by the caller and once by the proxy', (path: string) => [`${path}&z=`, '/api/without-key']],
    ['empty', () => ['']],
    ['not beginning with a path', (path: string) => [`https://app.example${path}`]],
    ['with white space', (path: string) => [`${path} HTTP/1.1`]],
  ])('a URI that comes %s is refused', async (_how, uris) => {
    const request = await callbackOf();
    const originals = uris(pathOf(request.url)).map((uri) => ['x-original-uri', uri] as const);
    const sub = withoutUri(app, { ...request, headers: [...request.headers, ...originals] });
    expect(await asked(app, sub)).toEqual({ status: 401, reason: 'original-uri-malformed' });
  });

  test.each(['', 'for=', 'for=calls', 'for=callback&for=callback', 'for=callback&for=media', 'FOR=callback'])(
    'asked with ?%s, it refuses what is genuine',
    async (query) => {
      const sub = subRequest(app, await callbackOf(), query);
      expect(await asked(app, sub)).toEqual({ status: 401, reason: 'sub-request-purpose' });
    },
  );

  test.each(['media', 'transcription'] as const)('a socket may be opened for %s', async (purpose) => {
    const socket = await socketOf(mediaToken(), await ticket(purpose));
    expect(await asked(app, subRequest(app, socket, 'for=media'))).toEqual({ status: 204 });
    expect(await asked(app, withoutUri(app, socket, 'for=media'))).toEqual({ status: 204 });
  });

  test('a media token is no callback token, though a callback token opens a socket', async () => {
    const [long, short] = [await callbackOf(mediaToken()), await callbackOf()];
    expect(await asked(app, subRequest(app, long))).toEqual({ status: 401, reason: 'token-life-too-long' });
    expect(await asked(app, withoutUri(app, short, 'for=media'))).toEqual({ status: 204 });
  });

  test.each([
    ['a callback key', 'callback', 3600, 'callback-key-forged'],
    ['an expired ticket', 'media', -1, 'callback-key-expired'],
    ['a ticket that expires too far ahead', 'transcription', DAY + 120, 'callback-key-too-far-ahead'],
  ] as const)('%s opens no socket', async (_what, purpose, expiresIn, reason) => {
    const socket = await socketOf(mediaToken(), await ticket(purpose, expiresIn));
    expect(await asked(app, subRequest(app, socket, 'for=media'))).toEqual({ status: 401, reason });
  });

  test('a ticket opens no callback', async () => {
    const request = { ...(await callbackOf()), url: `${app.url}/?key=${await ticket('media')}` };
    expect(await asked(app, subRequest(app, request))).toMatchObject({ reason: 'callback-key-forged' });
  });
});

test('keys that cannot be had are 503 with Retry-After, for a genuine request', async () => {
  const app = await startAiling(staged, { ACS_OPENID_CONFIGURATION_URL: `${UNREACHABLE}/none` });
  try {
    const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
    expect(await app.post(subRequest(app, request))).toMatchObject({
      status: 503,
      body: '{"error":"unavailable"}',
      headers: { 'retry-after': '5' },
    });
    expect(await app.post(withoutUri(app, { ...request, headers: [] }))).toMatchObject({ status: 401 });
  } finally {
    await app.stop();
  }
});

test('the ledger is not asked: where it is out, the proxy lets pass what the app itself then puts off', async () => {
  const app = await startAiling(staged, {
    LEDGER: 'table',
    LEDGER_TABLE_URL: UNREACHABLE,
    LEDGER_OUTAGE: 'refuse',
  });
  try {
    const request = callback(app.acs, await app.callbackUri(), [newCall().event('CallConnected')]);
    expect(await app.post(subRequest(app, request))).toMatchObject({ status: 204 });
    expect(await app.post(request)).toMatchObject({ status: 503 });
  } finally {
    await app.stop();
  }
});
