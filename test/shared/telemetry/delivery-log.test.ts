import { expect, test } from 'vitest';
import { Outage, reject } from '../../../shared/errors.ts';
import { reasons } from '../../../shared/reasons.ts';
import type { Reason } from '../../../shared/reasons.ts';
import { deliveryRecord } from '../../../shared/telemetry/delivery-log.ts';
import { mintCallbackKey } from '../../../shared/verification/callback-key.ts';
import { manualClock } from '../../clock.ts';
import { REFERENCE, callEvent, checking, pipelineOf, posted } from '../../support/pipeline.ts';
import { capturedLog } from '../../support/log.ts';
import { version } from '../../support/secret-versions.ts';

test('a delivery that was handled is logged in full', async () => {
  const clock = manualClock();
  const checks = [
    checking('slow', async () => {
      await clock.sleep(12.345);
      return { reference: REFERENCE, reported: ['source-address-foreign' as const] };
    }),
    checking('token', async () => ({
      sender: 'https://issuer.example',
      token: { id: 'abcdefghijkl', expires: 1 },
      keyAge: 61.4,
      claims: { names: ['aud', 'exp'], lifeSeconds: 300, ageSeconds: 1.6, expiresInSeconds: 298.4 },
    })),
  ];
  const handlers = { CallConnected: () => clock.sleep(100) };
  const { deliver } = pipelineOf({ clock, checks, handlers });
  const body = JSON.stringify([callEvent(), callEvent({ id: '2', type: 'Other' }), callEvent()]);
  const delivery = deliver(posted({ body }));
  await clock.advance(1000);
  const { messages, entry } = await delivery;
  expect(messages).toMatchObject([{ level: 'info' }]);
  expect(entry).toEqual({
    delivery: 'call-automation',
    route: 'callbacks/call-automation',
    verdict: 'accepted',
    status: 200,
    milliseconds: 112.35,
    stages: { read: 0, checks: 12.35, parse: 0, bindings: 0, handlers: 100 },
    checks: { slow: 12.35, token: 0 },
    events: { 'Microsoft.Communication.CallConnected': 2, Other: 1 },
    outcomes: { handled: 1, 'handled-before': 1, 'no-handler': 1 },
    reference: REFERENCE,
    tokenFingerprint: 'abcdefgh',
    tokenClaims: ['aud', 'exp'],
    tokenLifeSeconds: 300,
    tokenAgeSeconds: 2,
    tokenExpiresInSeconds: 298,
    keyAgeSeconds: 61,
    reported: ['source-address-foreign'],
  });
});

test('a delivery that was refused is logged with nothing that was not verified', async () => {
  const checks = [
    checking('key', async () => ({ reference: REFERENCE })),
    checking('token', async () => reject('token-signature')),
    checking('never', async () => ({})),
  ];
  const { messages, entry } = await pipelineOf({ checks }).deliver(posted());
  expect(messages).toMatchObject([{ level: 'warn' }]);
  expect(entry).toEqual({
    delivery: 'call-automation',
    route: 'callbacks/call-automation',
    verdict: 'rejected',
    level: 'warn',
    reason: 'token-signature',
    status: 401,
    milliseconds: 0,
    stages: { read: 0, checks: 0 },
    checks: { key: 0, token: 0 },
  });
});

function written(reason: Reason | undefined, status: number, verified: boolean) {
  const { log, entries, messages } = capturedLog();
  const record = deliveryRecord({ provider: 'call-automation', path: 'route' }, manualClock());
  if (verified) record.verified({});
  record.answered(status, reason, log);
  return { verdict: entries()[0]?.verdict, reason: entries()[0]?.reason, level: messages[0]?.level };
}

test.each<[Reason | undefined, number, boolean, string, string]>([
  [undefined, 200, true, 'accepted', 'info'],
  ['token-signature', 401, false, 'rejected', 'warn'],
  ['source-address-foreign', 403, false, 'rejected', 'warn'],
  ['body-too-large', 413, false, 'rejected', 'warn'],
  ['check-threw', 401, false, 'rejected', 'warn'],
  ['keys-unavailable', 503, false, 'unavailable', 'error'],
  ['token-reused', 401, true, 'rejected', 'warn'],
  ['not-json', 400, true, 'accepted', 'warn'],
  ['handler-threw', 500, true, 'accepted', 'error'],
  ['handler-timed-out', 503, true, 'accepted', 'error'],
])(
  '%s with status %d, verified %s, has the verdict %s and the level %s',
  (reason, status, verified, verdict, level) => {
    expect(written(reason, status, verified)).toEqual({ verdict, reason, level });
  },
);

test('before the proof nothing is ever called accepted', () => {
  for (const reason of Object.keys(reasons) as Reason[])
    expect(written(reason, 401, false).verdict).not.toBe('accepted');
});

test('event types named as every object has them are counted as any other', async () => {
  const body = JSON.stringify(
    ['__proto__', '__proto__', 'constructor'].map((type, index) => callEvent({ type, id: `${index}` })),
  );
  const { entry, text } = await pipelineOf().deliver(posted({ body }));
  expect(entry?.outcomes).toEqual({ handled: 3 });
  expect(text()).toContain('"events":{"__proto__":2,"constructor":1}');
});

test('types of no usual form, and those past the twentieth, are counted together', async () => {
  const odd = ['', 'a b', 'a\nb', '+12065550100', '{"x":1}', 'x'.repeat(129), 'héllo'];
  const many = Array.from({ length: 40 }, (_, index) => `Type.${index}:a-b_c`);
  const types = [...odd, ...many, many[0]];
  const body = JSON.stringify(types.map((type, index) => callEvent({ type, id: `${index}` })));
  const { entry } = await pipelineOf().deliver(posted({ body }));
  const { other = 0, ...named } = entry?.events ?? {};
  expect(Object.keys(named)).toEqual(many.slice(0, 19));
  expect(named[many[0] ?? '']).toBe(2);
  expect(other).toBe(odd.length + 21);
  expect(entry?.outcomes).toEqual({ handled: types.length });
});

test('elements that are no events leave their trace beside those that are', async () => {
  const body = JSON.stringify([null, callEvent(), callEvent({ id: undefined }), 'text']);
  const { entry, status } = await pipelineOf().deliver(posted({ body }));
  expect([status, entry?.outcomes]).toEqual([200, { unusable: 3, handled: 1 }]);
});

test('a stage is timed even where it throws', async () => {
  const clock = manualClock();
  const failing = checking('failing', async () => {
    await clock.sleep(7);
    throw new Outage('keys-unavailable');
  });
  const delivery = pipelineOf({ clock, checks: [failing] }).deliver(posted());
  await clock.advance(7);
  expect((await delivery).entry).toMatchObject({
    stages: { checks: 7 },
    checks: { failing: 7 },
  });
});

const secrets = {
  token: `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"aud":"x"}').toString('base64url')}.c2lnbmF0dXJl`,
  key: mintCallbackKey(version('dev', 'app secret'), 'callback', {
    reference: REFERENCE,
    expires: 1_900_000_000,
  }),
  phone: '+12025550123',
  context: 'incoming-call-context-of-the-call',
};
const secretRequest = () =>
  posted({
    url: `https://app.example/api?key=${secrets.key}`,
    headers: { authorization: `Bearer ${secrets.token}`, 'x-forwarded-for': '203.0.113.9' },
    body: JSON.stringify([
      callEvent({ data: { from: secrets.phone, incomingCallContext: secrets.context } }),
    ]),
  });
const broken = (): never => {
  throw new Error(`POST https://app.example/api?key=${secrets.key} with Bearer ${secrets.token} failed`);
};

test.each<[string, Parameters<typeof pipelineOf>[0]]>([
  ['handled', {}],
  ['refused', { checks: [checking('no', async () => reject('token-signature'))] }],
  ['refused by a check that threw what it saw', { checks: [checking('no', broken)] }],
  ['failed in its handler, which threw what it saw', { handlers: { otherwise: broken } }],
  ['failed in its parser', { delivery: { parse: broken } }],
])('no secret of a request is in what is logged of it or answered to it: %s', async (_how, change) => {
  const { response, text } = await pipelineOf(change).deliver(secretRequest());
  const told = `${text()}\n${JSON.stringify(response)}`;
  expect(text()).not.toBe('');
  for (const secret of [
    ...Object.values(secrets),
    ...secrets.token.split('.'),
    secrets.key.split('.').at(-1) ?? '',
    '203.0.113.9',
  ]) {
    expect(told).not.toContain(secret);
  }
});
