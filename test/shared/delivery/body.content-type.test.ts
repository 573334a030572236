import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonContentType } from '../../../shared/delivery/body.ts';
import { anyText } from '../../support/text.ts';

test.each([
  null,
  'application/json',
  'text/json',
  'APPLICATION/JSON',
  'application/json; charset=utf-8',
  'application/json;charset="utf-8"; q=1',
  ' application/json ',
  'application/cloudevents+json',
  'application/cloudevents-batch+json; charset=utf-8',
  'application/vnd.api.v1+json',
])('%j is JSON', (contentType) => {
  expect(isJsonContentType(contentType)).toBe(true);
});

test.each([
  '',
  'json',
  'application/jsonp',
  'application/xjson',
  'application/json+xml',
  'application/x-json-stream',
  'application/+json',
  'application/json, text/html',
  'text/html, application/json',
  'text/html; application/json',
  'text/plain;+json',
  'application /json',
  'application/json json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=application/json',
  'application/json\n\ntext/html',
])('%j is not JSON', (contentType) => {
  expect(isJsonContentType(contentType)).toBe(false);
});

test('parameters and case have no say, and what stands before them does', () => {
  const type = fc.constantFrom('application', 'text', 'image', 'audio', 'applications', '');
  const subtype = fc.oneof(
    fc.constantFrom('json', 'x+json', 'xml', 'json5', 'jsonl', 'json+x'),
    fc.stringMatching(/^[a-z.-]{1,8}\+json$/),
  );
  const parameters = fc.array(fc.stringMatching(/^ ?[a-z]{1,5}=("[^"]{0,5}"|[a-z]{0,5})$/), { maxLength: 3 });
  fc.assert(
    fc.property(type, subtype, parameters, fc.boolean(), (type, subtype, parameters, upper) => {
      const text = [`${type}/${subtype}`, ...parameters].join(';');
      const isJson =
        ['application', 'text'].includes(type) && (subtype === 'json' || subtype.endsWith('+json'));
      expect(isJsonContentType(upper ? text.toUpperCase() : text)).toBe(isJson);
    }),
    { numRuns: 1000 },
  );
});

test('arbitrary text has an answer', () => {
  fc.assert(fc.property(anyText(), (text) => typeof isJsonContentType(text) === 'boolean'));
});
