import { expect, test } from 'vitest';
import { callIdentity, connectionOf, isSameCall } from '../../../shared/calls/identity.ts';
import type { CallIds } from '../../../shared/calls/identity.ts';

const bound = { callConnectionId: 'connection', serverCallId: 'server', correlationId: 'correlation' };
const other = { callConnectionId: 'connection-2', serverCallId: 'server-2', correlationId: 'correlation-2' };

test.each<[string, CallIds, boolean]>([
  ['all ids', bound, true],
  ['the connection alone', { callConnectionId: 'connection' }, true],
  ['the server call alone', { serverCallId: 'server' }, true],
  ['the correlation alone', { correlationId: 'correlation' }, true],
  ['a recorder: another connection of the call', { ...bound, callConnectionId: 'connection-2' }, true],
  ['the connection and nothing else in common', { ...other, callConnectionId: 'connection' }, true],
  ['the correlation and nothing else in common', { ...other, correlationId: 'correlation' }, true],
  ['another call', other, false],
  ['no id', {}, false],
  ['empty ids', { callConnectionId: '', serverCallId: '', correlationId: '' }, false],
  ['the connection under another name', { serverCallId: 'connection', correlationId: 'connection' }, false],
  ['the server call under another name', { callConnectionId: 'server', correlationId: 'server' }, false],
  ['another case of letters', { callConnectionId: 'CONNECTION' }, false],
  ['ids that are no text', { callConnectionId: ['connection'], serverCallId: 7, correlationId: null }, false],
  ['two ids in one', { callConnectionId: 'connection server' }, false],
])('%s', (_what, ids, same) => {
  expect(isSameCall(callIdentity(bound), callIdentity(ids))).toBe(same);
  expect(isSameCall(callIdentity(ids), callIdentity(bound))).toBe(same);
});

test('a call that is known by some of its ids is compared by those', () => {
  const known = callIdentity({ serverCallId: 'server' });
  expect(connectionOf(known)).toBe('');
  expect(isSameCall(known, callIdentity(bound))).toBe(true);
  expect(isSameCall(known, callIdentity({ callConnectionId: 'connection' }))).toBe(false);
  expect(isSameCall(callIdentity({}), callIdentity({}))).toBe(false);
});

test('a connection alone is its own identity, as earlier versions wrote it', () => {
  expect(callIdentity({ callConnectionId: 'connection' })).toBe('connection');
  expect(connectionOf('connection')).toBe('connection');
  expect(isSameCall('connection', callIdentity(bound))).toBe(true);
});

test.each(['x'.repeat(1_000_000), '\ud800', 'a b', ' ', '\n', 'ä'])(
  'an identity is bounded, whatever an id holds: %#',
  (id) => {
    const identity = callIdentity({ callConnectionId: id, serverCallId: id, correlationId: id });
    expect(identity).toMatch(/^[\w-]{43} [\w-]{43} [\w-]{43}$/);
    expect(isSameCall(identity, callIdentity({ serverCallId: id }))).toBe(true);
    expect(isSameCall(identity, callIdentity({ serverCallId: `${id}x` }))).toBe(false);
  },
);
