import { expect, test } from 'vitest';
import { mayReplaceHeaders, sourceAddress } from '../../../shared/verification/source-address.ts';

// What the platform's streaming mode makes of `?headers=…` and of a member of that name: the headers themselves.
const target = (query: string, body = '[]') => ({
  url: new URL(`https://app.example/api/callbacks/call-automation${query}`),
  body: Buffer.from(body),
});

test.each([
  ['a plain request', '?key=v1', '[{"id":1}]'],
  ['no body', '?key=v1', ''],
  ['a member of that name further down', '', '[{"headers":{}}]'],
  ['a member of that name in a member', '', '{"data":{"headers":{}}}'],
  ['text of that name', '', '"headers"'],
])('%s leaves the headers as they are', (_what, query, body) => {
  expect(mayReplaceHeaders(target(query, body))).toBe(false);
});

test.each([
  ['a query parameter', '?headers=x', '[]'],
  ['one in another case', '?key=v1&HeaDers=%7B%7D', '[]'],
  ['one that is percent-encoded', '?%48eaders=x', '[]'],
  ['a member of the body', '', '{"Headers":{"x-forwarded-for":"52.112.0.1:443"}}'],
  ['one that is escaped', '', '{"\\u0068eaders":{}}'],
  ['a member in a spelling that only other parsers take', '', "{'Headers':{}}"],
  ['a member behind a comment', '', '/**/{"Headers":{}}'],
])('%s may replace them', (_what, query, body) => {
  expect(mayReplaceHeaders(target(query, body))).toBe(true);
});

test.each([
  [true, 'source-address-unknown'],
  [false, undefined],
])(
  'an address that may be the caller’s own words is not trusted in streaming mode (%s)',
  async (streaming, reason) => {
    const check = sourceAddress({ mode: 'report', ranges: ['52.112.0.0/14'], trustedHops: 1, streaming });
    const headers = new Headers({ 'x-forwarded-for': '52.112.0.1:443' });
    const proof = await check.run({ ...target('?headers=x'), headers }, new AbortController().signal, {});
    expect(proof.reported?.[0]).toBe(reason);
  },
);
