import type { RejectionReason } from '../../../../shared/reasons.ts';
import { withQuery } from '../../forgery.ts';
import { forgery, withUnknownId } from './call-forgery.ts';
import type { CallForgery } from './call-forgery.ts';

/** The genuine request under a URI that the app never minted for a callback. */
function keyed(name: string, reason: RejectionReason, change: (key: string) => string): CallForgery {
  return forgery(name, reason, (genuine) =>
    withQuery(genuine, (query) => query.set('key', change(query.get('key') ?? ''))),
  );
}

const replaced = (key: string, index: number, part: (old: string) => string) =>
  key
    .split('.')
    .map((old, i) => (i === index ? part(old) : old))
    .join('.');

const other = (character: string) => (character === 'A' ? 'Q' : 'A');

const unknownIds = { unknown: '01234567', proto: '__proto_', dev: 'dev' };

export const callbackKeys: readonly CallForgery[] = [
  forgery('key-missing', 'callback-key-missing', (genuine) =>
    withQuery(genuine, (query) => query.delete('key')),
  ),
  forgery('key-doubled', 'callback-key-repeated', (genuine) =>
    withQuery(genuine, (query) => query.append('key', query.get('key') ?? '')),
  ),
  forgery('key-in-another-parameter', 'callback-key-missing', (genuine) =>
    withQuery(genuine, (query) => {
      query.set('ticket', query.get('key') ?? '');
      query.delete('key');
    }),
  ),
  keyed('key-empty', 'callback-key-malformed', () => ''),
  keyed('key-comma-joined', 'callback-key-malformed', (key) => `${key},${key}`),
  keyed('key-truncated', 'callback-key-malformed', (key) => key.slice(0, -1)),
  keyed('key-without-mac', 'callback-key-malformed', (key) => key.slice(0, key.lastIndexOf('.') + 1)),
  keyed('key-other-version', 'callback-key-malformed', (key) => replaced(key, 0, () => 'v2')),
  keyed('key-mac-unused-bits', 'callback-key-malformed', (key) => `${key.slice(0, -1)}B`),
  keyed('key-expiry-spelled-otherwise', 'callback-key-malformed', (key) =>
    replaced(key, 3, (exp) => `0${exp}`),
  ),
  keyed('key-expiry-raised', 'callback-key-forged', (key) =>
    replaced(key, 3, (exp) => String(Number(exp) + 1)),
  ),
  keyed('key-other-reference', 'callback-key-forged', (key) =>
    replaced(key, 2, (ref) => other(ref.charAt(0)) + ref.slice(1)),
  ),
  keyed('key-other-mac', 'callback-key-forged', (key) =>
    replaced(key, 4, (mac) => other(mac.charAt(0)) + mac.slice(1)),
  ),
  ...Object.entries(unknownIds).map(([what, kid]) =>
    withUnknownId(
      keyed(`key-id-${what}`, 'callback-key-unknown-id', (key) => replaced(key, 1, () => kid)),
      'callback-key-unconfirmed',
    ),
  ),
  forgery('key-of-another-secret', 'callback-key-forged', (genuine) =>
    withQuery(genuine, (query) => query.set('key', genuine.mintKey({ secret: 'a secret of the forger' }))),
  ),
  forgery('key-of-an-empty-secret', 'callback-key-forged', (genuine) =>
    withQuery(genuine, (query) => query.set('key', genuine.mintKey({ secret: '' }))),
  ),
  forgery('key-for-media', 'callback-key-forged', (genuine) =>
    withQuery(genuine, (query) => query.set('key', genuine.mintKey({ purpose: 'media' }))),
  ),
  forgery('key-for-transcription', 'callback-key-forged', (genuine) =>
    withQuery(genuine, (query) => query.set('key', genuine.mintKey({ purpose: 'transcription' }))),
  ),
  forgery('key-expired', 'callback-key-expired', (genuine) =>
    withQuery(genuine, (query) => query.set('key', genuine.mintKey({ expiresIn: -1 }))),
  ),
  forgery('key-too-far-ahead', 'callback-key-too-far-ahead', (genuine) =>
    withQuery(genuine, (query) => query.set('key', genuine.mintKey({ expiresIn: 86_400 + 120 }))),
  ),
];
