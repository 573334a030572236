import { expect, test } from 'vitest';
import { findEndpoint } from '../../../shared/delivery/endpoint.ts';

const endpoints = [
  { method: 'POST', path: 'callbacks/call-automation' },
  { method: 'POST', path: 'callbacks/vonage/archive' },
  { method: 'POST', path: 'callbacks/vonage/sip' },
  { method: 'OPTIONS', path: 'events/incoming-call' },
  { method: 'POST', path: 'events/incoming-call' },
  { method: 'GET', path: 'authorize', query: { name: 'for', value: 'callback' } },
  { method: 'GET', path: 'authorize', query: { name: 'for', value: 'media' } },
  { method: 'GET', path: 'authorize' },
] as const;

const found = (method: string, target: string) =>
  findEndpoint(endpoints, method, new URL(target, 'https://app.example'));

test.each([
  ['as it is documented', '/api/callbacks/vonage/archive'],
  ['with a trailing slash', '/api/callbacks/vonage/archive/'],
  ['in another case', '/API/Callbacks/VONAGE/Archive'],
  ['with a query', '/api/callbacks/vonage/archive?key=a'],
  ['with an encoded letter', '/api/callbacks/vonage/%61rchive'],
  ['with an encoded letter of the prefix', '/%61pi/callbacks/vonage/archive'],
])('a path matches %s', (_how, target) => {
  expect(found('POST', target)).toBe(endpoints[1]);
});

test.each([
  ['with another method', 'GET', '/api/callbacks/call-automation'],
  ['with the method in another case', 'post', '/api/callbacks/call-automation'],
  ['under another route prefix', 'POST', '/v1/hooks/callbacks/vonage/archive'],
  ['without a route prefix', 'POST', '/callbacks/vonage/archive'],
  ['below the prefix of another path', 'POST', '/x/api/callbacks/vonage/archive'],
  ['of another kind', 'POST', '/api/callbacks/vonage/fax'],
  ['without its kind', 'POST', '/api/callbacks/vonage'],
  ['with more behind it', 'POST', '/api/callbacks/vonage/sip/more'],
  ['with two trailing slashes', 'POST', '/api/callbacks/vonage/sip//'],
  ['whose first segment only ends alike', 'POST', '/api/my-callbacks/call-automation'],
  ['whose last segment only ends alike', 'POST', '/api/callbacks/vonage/not-sip'],
  ['that stands in the query', 'POST', '/api/?/callbacks/vonage/sip'],
  ['that stands in the fragment', 'POST', '/api#/callbacks/vonage/sip'],
  ['with an encoded slash', 'POST', '/api/callbacks%2Fvonage/sip'],
  ['with an encoded slash in lower case', 'POST', '/api/callbacks%2fvonage/sip'],
  ['with a letter that is encoded twice', 'POST', '/api/callbacks/vonage/%2573ip'],
  ['with an encoding that is cut off', 'POST', '/api/callbacks/vonage/sip%'],
  ['under another route prefix', 'POST', '/v1/callbacks/vonage/sip'],
  ['under a longer route prefix', 'POST', '/v1/api/callbacks/vonage/sip'],
  ['without a route prefix', 'POST', '/callbacks/vonage/sip'],
])('a path %s does not match', (_how, method, target) => {
  expect(found(method, target)).toBeUndefined();
});

test('the method chooses among endpoints of one path', () => {
  expect(found('OPTIONS', '/api/events/incoming-call')).toBe(endpoints[3]);
  expect(found('POST', '/api/events/incoming-call')).toBe(endpoints[4]);
});

test.each([
  ['?for=callback', endpoints[5]],
  ['?for=media', endpoints[6]],
  ['?other=1&for=media', endpoints[6]],
  ['', endpoints[7]],
  ['?for=', endpoints[7]],
  ['?for=Callback', endpoints[7]],
  ['?FOR=callback', endpoints[7]],
  ['?for=callback&for=callback', endpoints[7]],
  ['?for=callback&for=media', endpoints[7]],
])('the query %j chooses the endpoint that asks for it', (query, endpoint) => {
  expect(found('GET', `/api/authorize${query}`)).toBe(endpoint);
});
