import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallView, Detail, SendResult, State, Summary } from '../../../local/inspector/contract.ts';
import type { Rehearsal } from '../../../local/rehearsal.ts';
import { callback } from '../../../local/providers/call-automation/requests.ts';
import { providers } from '../../../local/providers/index.ts';
import { scenarios } from '../../../local/scenarios/play.ts';
import { post, postRaw } from '../../../local/http/request.ts';
import { newCall } from '../../../local/providers/call-automation/requests.ts';
import { vonageKinds } from '../../../shared/events/vonage.ts';
import { withFakes } from '../../support/fakes.ts';
import type { Fakes } from '../../support/fakes.ts';
import { rehearse } from '../../support/rehearse.ts';
import { everyForgery } from '../../support/forgeries.ts';

// What `npm start` starts, in this process, so that every secret of the fakes is known here.
let app: Rehearsal;
let cloud: Fakes;
const samples = providers.flatMap((provider) => provider.samples);
const answers: string[] = [];

beforeAll(async () => {
  app = await rehearse();
  cloud = withFakes(app.cloud);
});
afterAll(() => app.stop());

async function ask<T>(route: string, order?: unknown): Promise<T> {
  const headers = { origin: app.url, 'content-type': 'application/json' };
  const init = order === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(order) };
  const answer = await fetch(`${app.page}${route}`, init);
  const text = await answer.text();
  answers.push(text);
  return { ...JSON.parse(text), http: answer.status } as T;
}

const send = (order: object) => ask<SendResult>('send', order);
const opened = (id = 0) => ask<Detail>(`deliveries/${id}`);

/** Follows the live stream until a delivery is there that is looked for. */
async function liveUntil(found: (all: readonly Summary[]) => boolean): Promise<readonly Summary[]> {
  const request = httpRequest(`${app.page}live?after=0`).end();
  const [response] = await once(request, 'response');
  const known = new Map<number, Summary>();
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    answers.push(String(chunk));
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const [, data] = /^event: deliveries\ndata: (.*)$/s.exec(message) ?? [];
      for (const one of data ? (JSON.parse(data) as Summary[]) : []) known.set(one.id, one);
    }
    if (found([...known.values()])) break;
  }
  request.destroy();
  return [...known.values()].sort((a, b) => a.id - b.id);
}

test('the played call appears live, in order, each with its outcome', async () => {
  const seen = liveUntil((all) => all.some(({ outcomes }) => outcomes?.includes('handled-before')));
  await scenarios[0]?.play({ ...app.context, onRow: () => {}, onNote: () => {} });
  const all = await seen;
  const told = all.map(({ types, verdict, outcomes = [] }) => `${types} ${verdict} ${outcomes}`.trim());
  expect(told[0]).toBe('Microsoft.EventGrid.SubscriptionValidationEvent accepted');
  expect(told[1]).toBe('Microsoft.Communication.IncomingCall accepted handled');
  expect(told.slice(2, -1)).toContain('Microsoft.Communication.CallConnected accepted handled');
  expect(told.at(-2)).toBe('Microsoft.Communication.CallDisconnected accepted handled');
  expect(told.at(-1)).toBe('Microsoft.Communication.IncomingCall accepted handled-before');

  const call = await ask<CallView>(`calls/${encodeURIComponent(all[1]?.call ?? '')}`);
  expect(call.deliveries.map(({ id }) => id)).toEqual(all.slice(1).map(({ id }) => id));
  expect(Object.keys(call.names).sort()).toEqual(['callConnectionId', 'correlationId', 'serverCallId']);
  const { logs, checks } = await opened(2);
  expect(logs.map(({ message }) => message)).toEqual(['answered']);
  expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'subscription accepted',
    'shared-key accepted',
    'entra-token accepted',
  ]);
});

test('every genuine kind can be sent, and is accepted', async () => {
  const { genuine } = await ask<State>('state');
  const [, ...kinds] = genuine.flatMap(({ names }) => names).filter((name) => !name.endsWith('-call'));
  expect(samples.map(({ name }) => name)).toEqual(expect.arrayContaining(kinds));
  for (const { name } of samples) {
    const { verdict, status } = await send({ event: name });
    expect({ name, verdict, status }).toEqual({
      name,
      verdict: 'accepted',
      status: name === 'media-socket' ? 101 : 200,
    });
  }
  expect(await send({ event: 'streamed-call' })).toMatchObject({ status: 200, verdict: 'accepted' });
  const { id, call } = await send({ event: 'incoming-call' });
  expect(await opened(id)).toMatchObject({
    types: ['Microsoft.Communication.IncomingCall'],
    call,
    caller: 'Ada Caller',
  });
});

/** How many checks refused it. */
const tried = async (attack: (typeof everyForgery)[number]) => {
  const { name, expected, alternatively } = attack;
  const { status, reason, id } = await send({ forge: name });
  const right = status === alternatively?.status ? alternatively : expected;
  expect({ name, status, reason }).toEqual({ name, ...right });
  const { checks, explained } = await opened(id);
  expect(explained).toBeTruthy();
  return checks.filter(({ outcome }) => outcome === 'rejected').length;
};

test('every forgery is answered as the table expects, and says why', async () => {
  const names = everyForgery.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const all = everyForgery.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const one of all) expect(await tried(one)).toBeLessThanOrEqual(1);
    }),
  );
});

test('keys and the secret of the vault rotate; what is signed with the new ones is accepted ten seconds later', async () => {
  const before = await cloud.callbackUris(app.url)();
  await Promise.all(everyForgery.filter(({ alternatively }) => alternatively).map(tried));
  for (const part of ['keys', 'vault']) await ask('rotations', { part });
  for (const event of ['CallConnected', 'IncomingCall']) {
    await expect.poll(async () => (await send({ event })).status).toBe(200);
  }
  const request = callback(cloud.acs, before, [newCall().event('CallConnected')]);
  expect(await post(request)).toMatchObject({ status: 200 });
});

test('a check that was not reached stands in its place', async () => {
  const { id } = await send({ forge: 'key-expired' });
  const { checks, explained } = await opened(id);
  expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'source-address accepted',
    'callback-key rejected',
    'call-automation-token not-reached',
  ]);
  expect(explained).toBe('the callback key has expired');
});

test('a media socket is shown with its end', async () => {
  const { id = 0 } = await send({ event: 'media-socket' });
  await expect
    .poll(async () => (await opened(id)).socket)
    .toMatchObject({ facts: { purpose: 'media', code: 1000 } });
  expect((await opened(id)).reported).toEqual([]);
});

describe('replay', () => {
  test('as it was, signed anew, as a new event, and edited', async () => {
    const { id = 0 } = await send({ event: 'PlayStarted' });
    expect(await ask('replay', { id, how: 'as-it-was' })).toMatchObject({ status: 200, verdict: 'accepted' });
    const anew = await ask<SendResult>('replay', { id, how: 'signed-anew' });
    const again = await opened(anew.id);
    expect(again).toMatchObject({ status: 200, outcomes: ['handled-before'], replayOf: id });
    expect(again.token?.claims['jti']).not.toBe((await opened(id)).token?.claims['jti']);

    const renewed = await ask<SendResult>('replay', { id, how: 'as-a-new-event' });
    expect(await opened(renewed.id)).toMatchObject({ status: 200, outcomes: ['handled'], replayOf: id });

    const body = (await opened(id)).request.body ?? '';
    const edited = body.replace(/"id":"[^"]+"/, '"id":"another"');
    const sent = await ask<SendResult>('replay', { id, how: 'signed-anew', body: edited });
    expect(await opened(sent.id)).toMatchObject({
      status: 200,
      outcomes: ['handled'],
      request: { body: edited },
    });
  });

  test('what is masked in an edited body is sent as it was', async () => {
    const { id = 0 } = await send({ event: 'IncomingCall' });
    const { request } = await opened(id);
    expect(request.body).toContain('"incomingCallContext":"‹masked 1›"');
    const sent = await ask<SendResult>('replay', {
      id,
      how: 'signed-anew',
      body: request.body?.replace('Ada', 'Eve'),
    });
    expect(sent).toMatchObject({ status: 200, verdict: 'accepted' });
    const original = JSON.parse(String(app.recorder.get(id)?.body));
    const edited = JSON.parse(String(app.recorder.get(sent.id ?? 0)?.body));
    expect(edited[0].data.incomingCallContext).toBe(original[0].data.incomingCallContext);
    expect(edited[0].data.callerDisplayName).toBe('Eve Caller');
  });

  test.each(['IncomingCall', 'archive', 'media-socket'])(
    'a delivery of %s is accepted when it is signed anew',
    async (event) => {
      const { id } = await send({ event });
      const { verdict } = await ask<SendResult>('replay', { id, how: 'signed-anew' });
      expect(verdict).toBe('accepted');
    },
  );

  test('a forgery that is signed anew is genuine, and as it was it stays a forgery', async () => {
    const { id } = await send({ forge: 'key-expired' });
    expect(await ask('replay', { id, how: 'signed-anew' })).toMatchObject({ status: 200 });
    expect(await ask('replay', { id, how: 'as-it-was' })).toMatchObject({
      status: 401,
      reason: 'callback-key-expired',
    });
  });

  test('what is not kept whole is not sent again: 409, and why', async () => {
    const { id } = await send({ forge: 'body-too-large' });
    const delivery = app.recorder.get(id ?? 0);
    if (delivery) delivery.cut = true;
    expect(await ask('replay', { id, how: 'as-it-was' })).toMatchObject({
      http: 409,
      error: expect.stringMatching(/Not all/),
    });
    expect(await ask('replay', { id: 999_999, how: 'as-it-was' })).toMatchObject({ http: 409 });
  });
});

test('several are sent at once, and each result comes as a line', async () => {
  const answer = await fetch(`${app.page}send`, {
    method: 'POST',
    headers: { origin: app.url, 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'PlayStarted', count: 20, rate: 200 }),
  });
  const lines = (await answer.text()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).verdict)).toEqual(Array.from({ length: 20 }, () => 'accepted'));
});

test.each([
  ['keys', 'keys-unavailable', 'CallConnected'],
  ['vault', 'callback-secret-unavailable', 'CallConnected'],
  ['ledger', 'ledger-unavailable', 'CallConnected'],
] as const)(
  'an outage of the %s makes deliveries 503 at once, and its end makes them 200 again',
  async (part, reason, event) => {
    expect(await ask<State>('outages', { part, out: true })).toMatchObject({ outages: [part] });
    // On a busy machine the app restarts for longer than a request waits, and the first fault is another.
    await expect.poll(() => send({ event })).toMatchObject({ status: 503, reason });
    expect(await ask<State>('outages', { part, out: false })).toMatchObject({ outages: [] });
    await expect.poll(async () => (await send({ event })).status).toBe(200);
  },
);

test('the app sees each request as it was sent, repeated names and all, and one hop more', async () => {
  const headers = [
    ['host', 'tunnel.example'],
    ['X-Forwarded-For', '203.0.113.7'],
    ['authorization', 'Bearer a'],
    ['Authorization', 'Bearer b'],
    ['content-length', '2'],
  ] as const;
  const target = '/api/callbacks/call-automation?key=%2e&&KEY=a b'.replace(' ', '%20');
  const reply = await postRaw({
    origin: app.url,
    method: 'POST',
    path: target,
    headers,
    body: Buffer.from('[]'),
  });
  expect(reply.status).toBe(401);
  const kept = app.recorder.get(Number(reply.headers['x-ringward-delivery']));
  expect(kept?.headers.slice(0, headers.length)).toEqual(headers);
  expect(kept?.target).toBe(target);
  // The address that the platform's front end would have seen: not the one that was claimed.
  expect(Object.keys(kept?.entry?.checks ?? {})).toEqual(['source-address', 'callback-key']);
  expect(kept?.entry?.reported ?? []).not.toContain('source-address-unknown');
});

describe('who may look', () => {
  const own = () => new URL(app.url).host;
  const below = (route: string) => `${new URL(app.page).pathname}${route}`;
  const asked = async (
    path: string,
    headers: readonly (readonly [string, string])[],
    method = 'GET',
    body = '',
  ) => {
    const framed = [...headers, ['content-length', String(body.length)]] as const;
    const reply = await postRaw({ origin: app.url, method, path, headers: framed, body: Buffer.from(body) });
    return { status: reply.status, body: reply.body };
  };
  const forbidden = { status: 403, body: '{"error":"forbidden"}' };
  const order = '{"part":"keys","out":true}';
  const json = ['content-type', 'application/json'] as const;

  test.each<[string, () => Promise<{ status: number }>]>([
    ['a name that somebody lets point here', () => asked(below('state'), [['host', 'evil.example']])],
    ['that name with our port', () => asked('/', [['host', `evil.example:${app.url.split(':')[2]}`]])],
    [
      'two hosts',
      () =>
        asked(below('state'), [
          ['host', own()],
          ['host', own()],
        ]),
    ],
    ['another port', () => asked(below('state'), [['host', '127.0.0.1:1']])],
    [
      'the page of another',
      () =>
        asked(below('state'), [
          ['host', own()],
          ['origin', 'https://evil.example'],
        ]),
    ],
    [
      'no page at all, under a script of another',
      () =>
        asked(below('live'), [
          ['host', own()],
          ['sec-fetch-site', 'cross-site'],
        ]),
    ],
    [
      'another port of this machine',
      () =>
        asked(below('state'), [
          ['host', own()],
          ['sec-fetch-site', 'same-site'],
        ]),
    ],
    [
      'an opaque page',
      () =>
        asked(below('state'), [
          ['host', own()],
          ['origin', 'null'],
        ]),
    ],
    [
      'a form of another',
      () =>
        asked(
          below('outages'),
          [
            ['host', own()],
            ['origin', 'https://evil.example'],
            ['content-type', 'text/plain'],
          ],
          'POST',
          order,
        ),
    ],
    ['an order without an origin', () => asked(below('outages'), [['host', own()], json], 'POST', order)],
    [
      'an action of the caller for the page of another',
      () =>
        asked(
          below('caller'),
          [['host', own()], ['origin', 'https://evil.example'], json],
          'POST',
          '{"act":"call"}',
        ),
    ],
    [
      'an order that is no JSON by its type',
      () =>
        asked(
          below('outages'),
          [
            ['host', own()],
            ['origin', app.url],
            ['content-type', 'text/plain'],
          ],
          'POST',
          order,
        ),
    ],
    [
      'https in the place of http',
      () => asked(below('outages'), [['host', own()], ['origin', `https://${own()}`], json], 'POST', order),
    ],
  ])('%s is refused, and told nothing', async (_what, attempt) => {
    // Two hosts are refused by HTTP itself.
    expect([403, 400]).toContain((await attempt()).status);
    expect(await ask<State>('state')).toMatchObject({ outages: [], callers: [] });
  });

  test('the refusal is constant', async () => {
    expect(await asked(below('nothing'), [['host', 'evil.example']])).toEqual(forbidden);
    expect(await asked(below('send'), [['host', own()], json], 'POST', '{')).toEqual(forbidden);
  });

  test('its own page may, under every name of this machine', async () => {
    const port = app.url.split(':')[2];
    for (const host of [own(), `localhost:${port}`, `[::1]:${port}`]) {
      const headers = [
        ['host', host],
        ['origin', `http://${host}`],
        ['sec-fetch-site', 'same-origin'],
      ] as const;
      expect((await asked(below('state'), headers)).status).toBe(200);
    }
  });

  test('the functions may be called under any name, as through a tunnel, and from any page', async () => {
    const headers = [
      ['host', 'tunnel.example'],
      ['origin', 'https://evil.example'],
    ] as const;
    expect((await asked('/api/health', headers)).status).toBe(200);
    expect((await asked('/api/callbacks/call-automation', headers, 'POST', '[]')).status).toBe(401);
  });

  test('an order that is none, or too long, is refused', async () => {
    const headers = [['host', own()], ['origin', app.url], json] as const;
    for (const body of ['', '[', '{"part":"roof","out":true}', '7']) {
      expect((await asked(below('outages'), headers, 'POST', body)).status).toBe(400);
    }
    expect(
      (
        await asked(below('send'), headers, 'POST', `{"event":"${'x'.repeat(3_000_000)}"}`).catch(() => ({
          status: 413,
        }))
      ).status,
    ).toBe(413);
    expect(
      (await asked(below('send'), headers, 'POST', '{"event":"CallConnected","count":1e9}')).status,
    ).toBe(400);
    expect(
      (await asked(below('send'), headers, 'POST', '{"event":"CallConnected","to":"file:///etc"}')).status,
    ).toBe(400);
  });
});

test('no path of a request reaches a file', async () => {
  for (const route of [
    'page/..%2fcontract.ts',
    'page/%2e%2e/contract.ts',
    'page/constructor',
    'page/tsconfig.json',
  ]) {
    expect((await fetch(`${app.page}${route}`)).status).toBe(404);
  }
});

test('nothing that the inspector ever answered here holds a secret', async () => {
  for (const { id } of app.recorder.after(0)) await opened(id);
  const all = answers.join('\n');
  expect(all.length).toBeGreaterThan(100_000);
  const { acs, eventGrid, callbackSecret, vonage, callAutomation, azure } = cloud;
  const secrets = [
    eventGrid.key,
    String(callbackSecret.secret),
    callAutomation.connectionString,
    callAutomation.connectionString.split('accesskey=')[1] ?? '',
    azure.identity.environment.IDENTITY_HEADER,
    ...vonageKinds.map(vonage.secretOf),
    acs.signingKey().privateKey.export({ format: 'jwk' }).d ?? '',
  ];
  for (const secret of secrets) {
    // Text such as "undefined" is found nowhere either.
    expect(secret.length).toBeGreaterThanOrEqual(16);
    expect(all.includes(secret)).toBe(false);
  }
  for (const { headers, target } of app.recorder.after(0)) {
    for (const [name, value] of headers) {
      const [, token] = name.toLowerCase() === 'authorization' ? value.split(' ') : [];
      if (token && token.length > 20) expect(all.includes(token)).toBe(false);
    }
    const mac = /[?&](?:key|ticket)=v1\.[^&]*\.([\w-]{43})/.exec(target)?.[1];
    if (mac) expect(all.includes(mac)).toBe(false);
  }
  expect(all).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  expect(all).not.toMatch(/"incomingCallContext\\":\\"(?!‹)/);
});
