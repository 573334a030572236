import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodedToken } from '../../../local/inspector/decoded-token.ts';
import { mask, maskHeader, maskTarget, unmask } from '../../../local/inspector/mask.ts';
import { hs256 } from '../../../local/fakes/token.ts';

const token = hs256({ alg: 'HS256', typ: 'JWT' }, { iss: 'x', jti: 'seen' }, 'secret');
const REF = 'abcdefghijklmnopqrstuv';
const MAC = 'M'.repeat(43);
const key = `v1.12345678.${REF}.1795483672.${MAC}`;

/** Texts in which secrets stand, each with what must not be left of it. */
const holding = fc.oneof(
  fc.constant([`"incomingCallContext":"${'c'.repeat(40)}"`, 'c'.repeat(40)] as const),
  fc.constant([`"validationCode" : "${'d'.repeat(36)}"`, 'd'.repeat(36)] as const),
  fc.constant([`https://app.example/api?a=b&key=${key}&c=d`, MAC] as const),
  fc.constant([`wss://media.example/media?ticket=${key}`, MAC] as const),
  fc.constant([`/api?code=${'s'.repeat(20)}`, 's'.repeat(20)] as const),
  fc.constant([`a ${key} b`, MAC] as const),
  fc.constant([`a ${token} b`, token.slice(-20)] as const),
  fc.constant([`Bearer ${'t'.repeat(30)}`, 't'.repeat(30)] as const),
  fc.constant([`endpoint=https://x/;accesskey=${'k'.repeat(60)}`, 'k'.repeat(60)] as const),
);

describe('text', () => {
  test('whatever stands around it, a secret is masked', () => {
    fc.assert(
      fc.property(fc.string(), holding, fc.string(), (before, [text, secret], after) => {
        fc.pre(!before.includes(secret) && !after.includes(secret));
        expect(mask(`${before} ${text} ${after}`).text).not.toContain(secret);
      }),
    );
  });

  test('what is masked can be put back to the letter, placeholders of somebody else included', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      holding.map(([text]) => text),
      fc.integer({ min: 0, max: 20 }).map((number) => `‹masked ${number}›`),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join(' ');
        const { text: masked, values } = mask(text);
        expect(unmask(masked, values)).toBe(text);
      }),
    );
  });

  test.each([
    ['one long run', 'a'.repeat(1_000_000)],
    ['a context without an end', `"incomingCallContext":"${'\\"'.repeat(500_000)}`],
    ['beginnings of keys', 'v1.'.repeat(300_000)],
  ])('%s of a megabyte is looked through once, not once for each character', (_what, text) => {
    expect(unmask(mask(text).text, mask(text).values)).toBe(text);
  });

  test('an edited text gets back what is left of its placeholders, and nothing else', () => {
    const { text, values } = mask(`{"incomingCallContext":"context","name":"Ada"}`);
    expect(unmask(text.replace('Ada', 'Grace ‹masked 7›'), values)).toBe(
      `{"incomingCallContext":"context","name":"Grace ‹masked 7›"}`,
    );
  });

  test.each([
    '{"name":"the keys of eyeglasses"}',
    '2026-11-24T01:27:51.828Z',
    '/calling/callConnections/1-2-3',
  ])('%s has nothing to mask', (text) => expect(mask(text).text).toBe(text));
});

describe('a target', () => {
  const masked = `v1.12345678.${REF}.1795483672.‹masked›`;
  test.each([
    [`/api/x?key=${key}`, `/api/x?key=${masked}`],
    [`/media?a=b&ticket=${key}`, `/media?a=b&ticket=${masked}`],
    [`/api/x?key=${key},${key}`, `/api/x?key=${masked}`],
    [`/api/x?%6Bey=${key}`, `/api/x?%6Bey=${masked}`],
    [`/api/x?KEY=plain-secret`, `/api/x?KEY=‹masked›`],
    [`/api/x?other=${key}`, `/api/x?other=v1.12345678.${REF}.1795483672.‹masked 1›`],
    [`/api/x?access_token=${token}`, `/api/x?access_token=‹masked›`],
    ['/api/x?key=', '/api/x?key='],
    ['/api/x', '/api/x'],
  ])('%s is shown as %s', (target, shown) => expect(maskTarget(target)).toBe(shown));

  test('of a tampered key the MAC goes, however it is broken', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        const shown = maskTarget(`/api/x?key=${encodeURIComponent(`${key}${tail}`)}`);
        expect(shown).not.toContain(MAC);
      }),
    );
  });
});

test.each([
  ['Authorization', `Bearer ${token}`, 'Bearer ‹masked›'],
  ['authorization', 'Basic dXNlcjpwYXNz', 'Basic ‹masked›'],
  ['Authentication', token, '‹masked›'],
  ['x-ringward-key', 'shared', '‹masked›'],
  ['x-ringward-key', '', ''],
  ['Cookie', 'a=b', '‹masked›'],
  ['x-original-uri', `/media?ticket=${key}`, `/media?ticket=v1.12345678.${REF}.1795483672.‹masked›`],
  ['x-anything', `bearer ${token}`, 'bearer ‹masked 1›'],
  ['content-type', 'application/json', 'application/json'],
])('the header %s: %s is shown as %s', (name, value, shown) => {
  expect(maskHeader(name, value)).toEqual({ value: shown, masked: value !== shown });
});

describe('a token', () => {
  test('is told by its header and its claims, jti included', () => {
    expect(decodedToken([['Authorization', `bearer ${token}`]])).toEqual({
      header: { alg: 'HS256', typ: 'JWT' },
      claims: { iss: 'x', jti: 'seen' },
    });
  });

  test('within a token is masked', () => {
    const nested = hs256({ alg: 'HS256' }, { inner: [{ token }] }, 'secret');
    expect(decodedToken([['authorization', `Bearer ${nested}`]])?.claims).toEqual({
      inner: [{ token: '‹masked 1›' }],
    });
  });

  test('that is none is not told, whatever stands there', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodedToken([['authorization', `Bearer ${text}`]])));
    expect(decodedToken([['authorization', 'Bearer a.b.c']])).toBeUndefined();
    expect(decodedToken([])).toBeUndefined();
  });
});
