import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseUrl, hostName, serviceUrl, url, webSocketUrl } from '../../../shared/settings/parse.ts';

const vaultUrl = serviceUrl('https://<name>.vault.azure.net');

test.each<[string, (text: string) => unknown, string, string]>([
  ['a URL', url, 'https://a.example/b?c=d', 'https://a.example/b?c=d'],
  ['a base URL', baseUrl, 'https://a.example', 'https://a.example'],
  ['a base URL with a path', baseUrl, 'https://a.example/b/', 'https://a.example/b'],
  ['a base URL with slashes at its end', baseUrl, 'https://a.example///', 'https://a.example'],
  ['the address of a service', vaultUrl, 'https://a.example', 'https://a.example'],
  ['the address of a service with its slash', vaultUrl, 'HTTPS://a.example:8443/', 'HTTPS://a.example:8443'],
  ['a WebSocket address', webSocketUrl, 'wss://a.example/media', 'wss://a.example/media'],
  ['a host name', hostName, 'a-1.azurewebsites.net', 'a-1.azurewebsites.net'],
  ['a host name with a port', hostName, 'localhost:7071', 'localhost:7071'],
])('%s is read', (_what, parse, text, expected) => {
  expect(parse(text)).toBe(expected);
});

test.each<[string, (text: string) => unknown, string, RegExp]>([
  ['a URL without a scheme', url, 'a.example', /must be a URL/],
  ['a URL of another scheme', url, 'ftp://a.example', /must be a URL/],
  ['a URL that runs', url, 'javascript:alert(1)', /must be a URL/],
  ['a base URL with a query', baseUrl, 'https://a.example?a=1', /plain address/],
  ['a base URL with a fragment', baseUrl, 'https://a.example/#a', /plain address/],
  ['a base URL with a user', baseUrl, 'https://me@a.example', /plain address/],
  ['a WebSocket address over https', webSocketUrl, 'https://a.example', /must be a URL: wss/],
])('%s is a fault that says how to mend it', (_what, parse, text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([
  ':calls.example',
  ':/calls.example',
  ':///calls.example',
  ':\\\\calls.example',
  '://a b.example',
  '://a.example/b c',
  '://a.example\\b',
  '://a.exa\tmple',
  '://',
  '://:80',
  '://?a',
])('what a URL parser takes and nobody means is a fault: %j', (rest) => {
  for (const parse of [url, baseUrl, vaultUrl]) expect(() => parse(`https${rest}`)).toThrow(/must be/);
  expect(() => webSocketUrl(`wss${rest}`)).toThrow(/must be/);
});

test.each(['/secrets', '/?a=1', '?', '/#a', '#', '//', '/../x'])(
  'the address of a service with more behind it is a fault: %j',
  (rest) => {
    expect(() => vaultUrl(`https://a.example${rest}`)).toThrow(
      /must be the address of the service and nothing more/,
    );
  },
);

test.each(['https://me@a.example', 'https://me:secret@a.example/', 'https://@a.example'])(
  'the address of a service with a user is a fault that does not repeat it: %s',
  (text) => {
    expect(() => vaultUrl(text)).toThrow('such as https://<name>.vault.azure.net');
  },
);

test.each([
  'https://a.example',
  'a.example/b',
  'a b',
  'a..b',
  'a.example.',
  'a?b',
  'a@b',
  'a:b',
  'a:99999',
  '[::1]',
  'a:',
])('a host name that is none is a fault: %j', (text) => {
  expect(() => hostName(text)).toThrow('must be a host name');
});

test.each([
  ['an empty query', 'https://a.example?'],
  ['an empty fragment', 'https://a.example/#'],
  ['a password without a user', 'https://:secret@a.example'],
])('a base URL with %s is a fault, since what is appended to it would not be its path', (_what, text) => {
  expect(() => baseUrl(text)).toThrow(/plain address/);
});

test('a base URL that is read has nothing behind it that a path could not follow', () => {
  const part = fc.constantFrom('', '/', 'a', 'b/c', '?', '?d=e', '#', '#f', '@', ':1', '..', '%2f', '\\');
  const address = fc.array(part, { maxLength: 4 }).map((parts) => `https://a.example${parts.join('')}`);
  fc.assert(
    fc.property(address, (text) => {
      let base: string;
      try {
        base = baseUrl(text);
      } catch {
        return;
      }
      if (/[?#]$/.test(base)) return;
      expect(new URL(`${base}/api/x?key=1`).pathname).toMatch(/\/api\/x$/);
      expect(new URL(`${base}/api/x?key=1`).search).toBe('?key=1');
    }),
  );
});
