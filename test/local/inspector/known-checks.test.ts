import { expect, test } from 'vitest';
import { knownChecks } from '../../../local/inspector/known-checks.ts';
import { addresseeOf } from '../../../local/inspector/parse-delivery.ts';
import { development } from '../../support/settings.ts';

const calls = { ...development, CALLBACK_KEY_SECRET: 'callback-key', SECRET_CALLBACK_KEY: 'k'.repeat(32) };
const vonage = { VONAGE_PROJECTS: '12345678', SECRET_VONAGE_12345678: 'v'.repeat(32) };
const checksOf = knownChecks({ ...calls, ...vonage });

test.each([
  [
    'POST',
    '/api/callbacks/call-automation?key=x',
    ['source-address', 'callback-key', 'call-automation-token'],
  ],
  ['GET', '/api/callbacks/call-automation', []],
  ['POST', '/api/events/incoming-call', []],
  ['POST', '/API/Callbacks/Vonage/sip/', ['source-address', 'vonage-token', 'body-hash']],
  ['GET', '/api/authorize?for=media', ['media-ticket', 'call-automation-token']],
  ['GET', '/media?ticket=x', ['source-address', 'media-ticket', 'call-automation-token']],
  ['GET', '/Media', []],
  ['GET', '//', []],
] as const)('%s %s has the checks %j', (method, target, checks) => {
  expect(checksOf({ method, target })).toEqual(checks);
});

test.each([
  ['/api/callbacks/call-automation?key=x', 'call-automation', 'call-automation'],
  ['/API/events/incoming-call/', 'event-grid', 'event-grid'],
  ['/api/callbacks/vonage/sip', 'vonage', 'vonage'],
  ['/api/authorize?for=callback', 'perimeter', 'call-automation'],
  ['/api/authorize', 'perimeter', 'call-automation'],
  ['/media?ticket=x', 'media', 'call-automation'],
  ['/api/callbacks/unknown', 'none', undefined],
  ['//', 'none', undefined],
])('%s is for the provider %s, which %s rehearses', (target, provider, name) => {
  const addressee = addresseeOf(target);
  expect([addressee.provider, addressee.rehearsal?.name]).toEqual([provider, name]);
});
