import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodedToken } from '../../../local/inspector/decoded-token.ts';
import { hs256 } from '../../../local/fakes/token.ts';
import { mask, maskHeader, maskTarget, unmask } from '../../../local/inspector/mask.ts';
import { redact } from '../../../shared/telemetry/redact.ts';
import { isSecretHeader } from '../../../shared/telemetry/secrets.ts';
import { tokenShown } from '../../../tools/explain/token-shown.ts';
import { received } from '../../support/verdict.ts';

// One list of what is secret, for the log, the inspector and `npm run explain`. Somebody who writes a secret in another way
// than usual must not have it shown.
const SECRET = 'c2VjcmV0LW9mLXNvbWVib2R5';
const MAC = 'M'.repeat(43);
const REF = 'abcdefghijklmnopqrstuv';
const escaped = (text: string) =>
  text.replaceAll(/[^]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
const percent = (text: string) =>
  text.replaceAll(/[^]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`);

const ways: readonly (readonly [way: string, text: string, secret: string])[] = [
  ['a member', `{"incomingCallContext":"${SECRET}"}`, SECRET],
  ['with an escape in its name', String.raw`{"incoming\u0043allContext":"${SECRET}"}`, SECRET],
  ['with nothing but escapes in its name', `{"${escaped('validationCode')}":"${SECRET}"}`, SECRET],
  ['in other letters', `{"INCOMINGCALLCONTEXT" :\n "${SECRET}"}`, SECRET],
  ['with blanks', `{"incomingCallContext"${' '.repeat(100)}:${' '.repeat(100)}"${SECRET}"}`, SECRET],
  ['with an escape in its value', String.raw`{"password":"a\"b${SECRET}"}`, SECRET],
  ['with a blank before its value', `{"password":" ${SECRET}"}`, SECRET],
  ['in a text of JSON', JSON.stringify({ body: JSON.stringify({ incomingCallContext: SECRET }) }), SECRET],
  [
    'in a text of JSON, with escapes',
    JSON.stringify({ body: String.raw`{"incoming\u0043allContext":"a\"${SECRET}"}` }),
    SECRET,
  ],
  ['as JavaScript shows it', `{ incomingCallContext: '${SECRET}', 'password': '${SECRET}' }`, SECRET],
  ['in JSON in a query', `/x?data=${encodeURIComponent(`{"password":"${SECRET}"}`)}`, SECRET],
  ['a form', `key=${SECRET}&a=b`, SECRET],
  ['a form with another parameter first', `a=b&client_secret=${SECRET}`, SECRET],
  ['a form in a member', `{"body":"key=${SECRET}&a=b"}`, SECRET],
  ['a parameter with an encoded name', `/x?${percent('key')}=${SECRET}`, SECRET],
  ['a parameter with an encoded separator', `/x?key=a%26${SECRET}`, SECRET],
  ['an encoded URI', encodeURIComponent(`https://app.example/x?a=b&key=${SECRET}`), SECRET],
  ['a URI in JSON of .NET', String.raw`"https://app.example/x?a=b\u0026key=${SECRET}"`, SECRET],
  ['a callback key', `see v1.12345678.${REF}.1795483672.${MAC} there`, MAC],
  ['with encoded dots', `see v1%2E12345678%2e${REF}%2E1795483672%2E${MAC} there`, MAC],
  ['with dots that are encoded twice', `see v1%252E12345678%252E${REF}%252E1795483672%252E${MAC}`, MAC],
  ['with escaped dots', `"v1${escaped('.')}12345678.${REF}.1795483672${escaped('.')}${MAC}"`, MAC],
  ['with an encoded MAC', `v1.12345678.${REF}.1795483672.${percent('M')}${MAC.slice(1)}`, MAC.slice(1)],
  ['of another form', `v1.x.y.z.${MAC}`, MAC],
  ['a token with an escape', String.raw`"\u0065yJhbGciOiJ.${SECRET}.x"`, SECRET],
  ['a header in JSON', `{"x-functions-key":"${SECRET}"}`, SECRET],
  ['a header in text', `ocp-apim-subscription-key: ${SECRET}`, SECRET],
  ['all of a cookie', `Cookie: a=b; c=${SECRET}`, SECRET],
  ['a basic password', `authorization: Basic ${SECRET}`, SECRET],
  ['an access key in a text of JSON', JSON.stringify(JSON.stringify({ accountKey: SECRET })), SECRET],
];

test.each(ways)('%s is shown by none of them', (_way, text, secret) => {
  expect(redact(text)).not.toContain(secret);
  const { text: masked, values } = mask(text);
  expect(masked).not.toContain(secret);
  expect(unmask(masked, values)).toBe(text);
});

test.each(ways)('%s is found whatever stands around it', (_way, text, secret) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, behind) => {
      const whole = `${before}\n?${text} ${behind}`;
      const { text: masked, values } = mask(whole);
      expect([masked.includes(secret), redact(whole).includes(secret)]).toEqual([false, false]);
      expect(unmask(masked, values)).toBe(whole);
    }),
    { numRuns: 50 },
  );
});

test.each([
  '{"name":"the keys of eyeglasses","code":"InvalidArgument"}',
  '{"partitionKey":"a","rowKey":"b","api_key":"12345678"}',
  'https://app.example/api/callbacks%2Fx v1.2.3',
  'the shared key has 12 bytes: use 32',
  'content-type: application/json',
  String.raw`{"text":"\u00e4\u0022\\ and 100%25"}`,
])('what is no secret is shown: %s', (text) => {
  expect([redact(text), mask(text).text]).toEqual([text, text]);
});

describe('headers', () => {
  test.each([
    'Authorization',
    'x-ringward-key',
    'x-functions-key',
    'Ocp-Apim-Subscription-Key',
    'x-api-key',
    'aeg-sas-token',
    'x-zumo-auth',
    'set-cookie',
  ])('%s is a secret', (name) => {
    expect(maskHeader(name, SECRET)).toEqual({ value: '‹masked›', masked: true });
  });

  test.each([
    'sec-websocket-key',
    'sec-websocket-accept',
    'x-ms-call-connection-id',
    'aeg-event-type',
    'key',
  ])('%s is none', (name) => expect(isSecretHeader(name)).toBe(false));
});

test('a target with an encoded key shows nothing of its MAC', () => {
  const key = `v1%2E12345678%2E${REF}%2E1795483672%2E${MAC}`;
  for (const parameter of ['key', 'ticket', 'other', percent('key')]) {
    expect(maskTarget(`/api/x?${parameter}=${key}`)).not.toContain(MAC);
  }
  expect(maskTarget(`/api/${key}`)).not.toContain(MAC);
});

describe('the claims of a token', () => {
  const claims = {
    iss: 'x',
    aud: { password: SECRET },
    incomingCallContext: SECRET,
    'x-functions-key': SECRET,
  };
  const headers = [['authorization', `Bearer ${hs256({ alg: 'HS256' }, claims, 'secret')}`]] as const;

  test('are masked by their names in the inspector', () => {
    expect(decodedToken(headers)?.claims).toEqual({
      iss: 'x',
      aud: { password: '‹masked›' },
      incomingCallContext: '‹masked›',
      'x-functions-key': '‹masked›',
    });
  });

  test('and by explain', () => {
    const shown = tokenShown(received({ headers: Object.fromEntries(headers) }), 0);
    expect(shown?.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(shown)).not.toContain(SECRET);
  });
});

// Whoever sends such a text must not keep the app or the inspector busy.
test.each([
  '"',
  '\\',
  '\\"',
  ' ',
  '-',
  'a-',
  '+',
  '.',
  ':',
  '&',
  '%',
  '%25',
  '%22',
  '\\u0041',
  'v1.a.b.1.',
  'eyJ.',
  'bearer ',
  'accesskey="',
  '"password" :',
  'x-key: ',
  'aaaaaaaaaaaa.',
])('a long text of %j is looked through once', (unit) => {
  const text = unit.repeat(Math.ceil(300_000 / unit.length));
  const { text: masked, values } = mask(text);
  expect(unmask(masked, values)).toBe(text);
});
