import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { isOwn } from '../../../local/inspector/guard.ts';

// What no request over the loopback interface of this machine can show: whose address counts.
const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  ({
    method: 'GET',
    headers: { host: '127.0.0.1:7071', ...headers },
    headersDistinct: { host: ['127.0.0.1:7071'] },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
  expect(isOwn(from(address), 7071)).toBe(true);
});

test.each(['192.168.1.7', '::ffff:10.0.0.1', '2001:db8::1', '127.0.0.1.example', '', undefined])(
  'whoever comes from %s is refused, under a name of this machine too',
  (address) => {
    expect(isOwn(from(address), 7071)).toBe(false);
  },
);

test.each([
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded',
  'x-original-host',
  'x-original-url',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-tunnel-authorization',
])('a tunnel that rewrites Host and Origin gives itself away: %s', (name) => {
  expect(isOwn(from('127.0.0.1', { [name]: '' }), 7071)).toBe(false);
});

test.each(['x-forward', 'accept', 'x-original', 'cfx', 'x-viable'])('%s is no header of a proxy', (name) => {
  expect(isOwn(from('127.0.0.1', { [name]: '1' }), 7071)).toBe(true);
});
