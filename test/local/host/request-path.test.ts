import { expect, it } from 'vitest';
import { decodePath, encodePath } from '../../../local/host/request-path.ts';

it.each([
  ['/api/name', '/api/name', '/api/name'],
  ['/api/%6Eame', '/api/name', '/api/name'],
  ['/a%20b', '/a b', '/a%20b'],
  ['/a%2Fb%2f', '/a%2Fb%2f', '/a%2Fb%2f'],
  ['/%C3%A9%E2%82%AC%F0%9F%98%80', '/é€😀', '/%C3%A9%E2%82%AC%F0%9F%98%80'],
  ['/%C3x%FF', '/%C3x%FF', '/%C3x%FF'],
  ['/%C3%28', '/%C3(', '/%C3('],
  ['/%', '/%', '/%25'],
  ['/%25', '/%', '/%25'],
  ['/%2541', '/%41', '/%41'],
  ['/a/./b/../c', '/a/c', '/a/c'],
  ['/a/%2e%2E/b', '/b', '/b'],
  ['/../a/..', '/', '/'],
  ['/a/.', '/a/', '/a/'],
  ['/a//b', '/a//b', '/a//b'],
  ["/~!$&'()*+,;=:@", "/~!$&'()*+,;=:@", "/~!$&'()*+,;=:@"],
  ['/"%5E|', '/"^|', '/%22%5E%7C'],
])('%s is routed as %s and shown as %s', (sent, decoded, encoded) => {
  expect(decodePath(sent)).toBe(decoded);
  expect(encodePath(decoded)).toBe(encoded);
});

it('a path with a NUL is none', () => {
  expect(decodePath('/a%00')).toBeUndefined();
});
