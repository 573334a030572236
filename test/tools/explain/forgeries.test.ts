import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakes } from '../../support/fakes.ts';
import { everyForgery } from '../../support/forgeries.ts';
import type { Fakes } from '../../support/fakes.ts';
import { rehearsalEnvironment } from '../../../local/fake-cloud.ts';
import { callback, upgrade } from '../../../local/providers/call-automation/requests.ts';
import { incomingCall } from '../../../local/providers/event-grid/index.ts';
import { livekit, sampleBody } from '../../../local/providers/livekit.ts';
import { genuineVoice, twilio } from '../../../local/providers/twilio.ts';
import { callbackOf } from '../../../local/providers/vonage/index.ts';
import { targetOf } from '../../../local/http/request.ts';
import type { OutgoingRequest } from '../../../local/http/request.ts';
import { trustFakes } from '../../../local/fakes/trust.ts';
import { newCall } from '../../../local/providers/call-automation/requests.ts';
import { listening } from '../../../local/fakes/listening.ts';
import { rs256 } from '../../../local/fakes/token.ts';
import { reasons } from '../../../shared/reasons.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { advice } from '../../../tools/explain/advice.ts';
import { explain } from '../../../tools/explain/explain.ts';
import { NOT_LOOKED_AT } from '../../../tools/explain/report.ts';

// Every forgery of the tables, captured and explained: with the real fakes, in one process.
const BASE = 'http://127.0.0.1:7071';
const MEDIA = 'ws://127.0.0.1:7072/media';
let cloud: Fakes;
let environment: Environment;

beforeAll(async () => {
  cloud = await startFakes();
  environment = rehearsalEnvironment(process.env, cloud, BASE, MEDIA);
  // This process is the one that asks, so it has to find and trust the stand-ins.
  await trustFakes(cloud.azure.environment);
});
afterAll(() => cloud.close());

const run = (given: string | Buffer, change: { at?: number; settings?: Environment; route?: string } = {}) =>
  explain(Buffer.from(given), {
    environment: { ...environment, ...change.settings },
    at: change.at,
    route: change.route,
  });

/** As a capturing proxy writes it down. */
function wire({ url, method, headers, body }: OutgoingRequest, verb = method ?? 'POST'): Buffer {
  const lines = [`${verb} ${targetOf(url)} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const bytes = Buffer.from(body);
  const head = [...lines, 'X-Forwarded-For: 127.0.0.1', `Content-Length: ${bytes.length}`, '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes]);
}

/** As a browser exports it. */
const har = ({ url, method = 'POST', headers, body }: OutgoingRequest) =>
  JSON.stringify({
    log: {
      entries: [
        {
          request: {
            method,
            url,
            headers: [...headers, ['x-forwarded-for', '127.0.0.1']].map(([name, value]) => ({ name, value })),
            postData: { text: String(body) },
          },
        },
      ],
    },
  });

/** As a program exports it. */
const exported = ({ url, method = 'POST', headers, body }: OutgoingRequest) =>
  JSON.stringify({
    method,
    url,
    headers: [...headers, ['x-forwarded-for', '127.0.0.1']],
    body: String(body),
  });

const reasonIn = (text: string) => /^[✗?] \S+ +(?:refused|cannot tell): (\S+)$/m.exec(text)?.[1];

/** What must not be seen of a request: its token's parts, its keys, what is in its body. */
function secretsOf({ url, headers, body }: OutgoingRequest): string[] {
  const credentials = headers
    .filter(([name]) => name.startsWith('auth') || /^(x-ringward-key|x-twilio-signature)$/.test(name))
    .flatMap(([, value]) => value.split(/[ .,\t]/));
  const keys = [...new URL(url).searchParams.values()].map((value) => value.split('.').at(-1) ?? '');
  const data = /"(?:serverCallId|incomingCallContext|rawId|validationUrl|sessionId)":"([^"]+)"/g;
  const inBody = [...String(body).matchAll(data)].map(([, value = '']) => value);
  return [...credentials, ...keys, ...inBody].filter((secret) => secret.length > 20);
}

/** Nobody is there to deliver to: a forgery that follows a genuine delivery is told from it by the ledger alone. */
const captured = async ({ family, forge }: (typeof everyForgery)[number]) =>
  forge(await family.genuine({ cloud, baseUrl: BASE, mediaUrl: MEDIA }));
const told = everyForgery.filter(({ afterGenuine }) => !afterGenuine);

test.each(told)('$name is explained by $expected.reason', async (forgery) => {
  const request = await captured(forgery);
  const { text, code } = await run(wire(request, request.url.startsWith('ws') ? 'GET' : undefined));
  expect([reasonIn(text), code]).toEqual([forgery.expected.reason, 1]);
  expect(secretsOf(request).filter((secret) => text.includes(secret))).toEqual([]);
});

test('of what only the ledger can tell it says that it does not look at it, and accepts the rest', async () => {
  const beyond = everyForgery.filter(({ afterGenuine }) => afterGenuine);
  expect(beyond.length).toBeGreaterThan(0);
  for (const forgery of beyond) {
    const { text, code } = await run(wire(await captured(forgery)));
    expect(code).toBe(0);
    expect(text).toContain(NOT_LOOKED_AT);
  }
});

test('every reason that a forgery is explained by has an advice', () => {
  expect(told.filter(({ expected }) => !(expected.reason in advice))).toEqual([]);
});

describe('a genuine request', () => {
  const callbackNow = async () =>
    callback(cloud.acs, await cloud.callbackUris(BASE)(), [newCall().event('CallConnected')]);

  test.each([
    ['of Call Automation', callbackNow],
    ['of Event Grid', async () => incomingCall(cloud, BASE)],
    ['of Vonage', async () => callbackOf('archive', cloud.vonage, BASE)],
    ['of LiveKit', async () => cloud.of(livekit).webhook(BASE, sampleBody('room_started'))],
    ['of Twilio', async () => genuineVoice(cloud.of(twilio), BASE).request],
  ])(
    '%s is accepted in every form that it can be captured in, and nothing secret of it is printed',
    async (_, make) => {
      const request = await make();
      for (const given of [wire(request), har(request), exported(request)]) {
        const { text, code } = await run(given);
        expect([reasonIn(text), code]).toEqual([undefined, 0]);
        expect(secretsOf(request).filter((secret) => text.includes(secret))).toEqual([]);
      }
    },
  );

  test.each([
    ['of Call Automation', callbackNow, 503],
    ['of Event Grid', async () => incomingCall(cloud, BASE), 504],
    ['of Vonage', async () => callbackOf('archive', cloud.vonage, BASE), 503],
  ])(
    '%s whose body came in chunks would be sent again, since the app gets no body',
    async (_, make, status) => {
      const request = await make();
      const chunked = {
        ...request,
        headers: [...request.headers, ['Transfer-Encoding', 'chunked'] as const],
      };
      for (const given of [wire(chunked), har(chunked), exported(chunked)]) {
        const { text, code } = await run(given);
        expect([reasonIn(text), code]).toEqual(['body-chunked', 2]);
        expect(text).toContain(`would answer ${status}`);
        expect(text).toContain('proxy');
      }
    },
  );

  test('for a socket is accepted', async () => {
    expect((await run(wire(await upgrade(cloud, MEDIA), 'GET'))).code).toBe(0);
  });

  test('is refused an hour later, and then it is said that it was good when its token was made', async () => {
    const given = wire(await callbackNow());
    const { text, code } = await run(given, { at: Date.now() / 1000 + 3000 });
    expect([reasonIn(text), code]).toEqual(['token-expired', 1]);
    expect(text).toMatch(/^When its token was made \(\S+, 50 min ago\) it would have been accepted\.$/m);
  });

  test('whose capture says only headers is judged where --route says it was sent', async () => {
    const request = callbackOf('archive', cloud.vonage, BASE);
    const given = wire(request).subarray(wire(request).indexOf('\r\n') + 2);
    expect((await run(given, { route: 'callbacks/vonage/archive' })).code).toBe(0);
    await expect(run(given)).rejects.toThrow('--route');
  });

  test('cannot be told from another while the keys cannot be had, and it says why', async () => {
    cloud.acs.play('keys', 'server-error');
    const { text, code } = await run(wire(await callbackNow()));
    cloud.acs.play('keys');
    expect([reasonIn(text), code]).toEqual(['keys-unavailable', 2]);
    expect(text).toContain('Note: keys-refresh-failed: the key set answered 500');
  });

  test('cannot be told from another by settings that do not name the callback secret', async () => {
    const { text, code } = await run(wire(await callbackNow()), { settings: { CALLBACK_KEY_SECRET: '' } });
    expect([reasonIn(text), code]).toEqual(['callback-secret-unavailable', 2]);
    expect(text).toContain('CALLBACK_KEY_SECRET is not set');
  });

  test('of no route is not judged at all', async () => {
    const request = { ...(await callbackNow()), url: `${BASE}/elsewhere` };
    await expect(run(wire(request))).rejects.toThrow('nothing answers to POST /elsewhere');
  });
});

describe('an attack on whoever explains it', () => {
  test('escape sequences in a token reach the terminal as text', async () => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u202ereversed\u0000';
    const uri = await cloud.callbackUris(BASE)();
    const claims = { ...cloud.acs.claims(), iss: evil, aud: [evil], [evil]: 1, exp: evil };
    const token = rs256({ ...cloud.acs.header(), kid: evil }, claims, cloud.acs.signingKey());
    const { text } = await run(wire(callback(cloud.acs, uri, [], token)));
    expect(text).toContain('\\u{1b}]0;owned\\u{7}');
    // Its own colours are made of one sequence each.
    const own = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(text.replaceAll(own, '').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test('no address that the token names is asked', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.end('{"keys":[]}');
    });
    const { port, down } = await listening(server);
    const address = `http://127.0.0.1:${port}`;
    const uri = await cloud.callbackUris(BASE)();
    for (const [header, claims] of [
      [{ jku: address, x5u: address }, {}],
      [{}, { iss: address }],
      [{ kid: address }, {}],
    ]) {
      const token = rs256(
        { ...cloud.acs.header(), ...header },
        { ...cloud.acs.claims(), ...claims },
        cloud.acs.signingKey(),
      );
      expect((await run(wire(callback(cloud.acs, uri, [], token)))).code).toBe(1);
    }
    await down();
    expect(asked).toBe(0);
  });

  test('nobody but the issuer and the vault is asked', async () => {
    const uri = await cloud.callbackUris(BASE)();
    const before = cloud.acs.fetches().keys;
    const calls = cloud.callAutomation.calls();
    await run(wire(callback(cloud.acs, uri, [newCall().event('CallConnected')])), {
      // Nothing listens there: whoever asked would wait, and say so.
      settings: { LEDGER: 'table', LEDGER_TABLE_URL: 'http://127.0.0.1:9/devstoreaccount1' },
    });
    expect(cloud.acs.fetches().keys).toBe(before + 1);
    expect(cloud.callAutomation.calls()).toEqual(calls);
  });
});

test('the advice is for reasons that there are', () => {
  expect(Object.keys(advice).filter((reason) => !Object.hasOwn(reasons, reason))).toEqual([]);
});
