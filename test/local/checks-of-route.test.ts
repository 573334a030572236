import { expect, test } from 'vitest';
import { checksOfRoute } from '../../local/checks-of-route.ts';
import { assemble } from '../../shared/assembly.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { development } from '../support/settings.ts';

const acs = { ...development, CALLBACK_KEY_SECRET: 'callback-key', SECRET_CALLBACK_KEY: 'k'.repeat(32) };
const grid = {
  EVENT_GRID_KEY_SECRET: 'event-grid-key',
  SECRET_EVENT_GRID_KEY: 'g'.repeat(32),
  EVENT_GRID_TENANT_ID: '11111111-2222-3333-4444-555555555555',
  EVENT_GRID_AUDIENCE: 'api://ringward',
  EVENT_GRID_SUBSCRIPTIONS: 'incoming-calls',
};
const vonage = { VONAGE_PROJECTS: '12345678', SECRET_VONAGE_12345678: 'v'.repeat(32) };
const everything = assemble(readSettings({ ...acs, ...grid, ...vonage }));

const checksOf = (method: string, target: string, proving = everything) =>
  checksOfRoute(proving, method, new URL(target, 'https://app.example'))?.checks.map(({ name }) => name);

test.each([
  [
    'POST',
    '/api/callbacks/call-automation?key=x',
    ['source-address', 'callback-key', 'call-automation-token'],
  ],
  ['POST', '/API/Callbacks/Call-Automation/', ['source-address', 'callback-key', 'call-automation-token']],
  ['POST', '/callbacks/call-automation', undefined],
  ['GET', '/api/callbacks/call-automation', undefined],
  ['POST', '/api/events/incoming-call', ['subscription', 'shared-key', 'entra-token']],
  ['OPTIONS', '/api/events/incoming-call', ['subscription', 'shared-key', 'webhook-request']],
  ['GET', '/api/events/incoming-call', undefined],
  ['POST', '/api/callbacks/vonage/sip', ['source-address', 'vonage-token', 'body-hash']],
  ['POST', '/api/callbacks/vonage/SIP', undefined],
  ['POST', '/api/callbacks/vonage/unknown', undefined],
  ['GET', '/api/authorize?for=callback', ['callback-key', 'call-automation-token']],
  ['GET', '/api/authorize?for=media', ['media-ticket', 'call-automation-token']],
  ['GET', '/api/authorize', ['sub-request']],
  ['GET', '/media?ticket=x', ['source-address', 'media-ticket', 'call-automation-token']],
  ['GET', '/Media', undefined],
  ['GET', '/', undefined],
] as const)('%s %s is checked by what the app checks it by: %j', (method, target, checks) => {
  expect(checksOf(method, target)).toEqual(checks);
});

test('a provider whose settings are absent checks nothing', () => {
  const calls = assemble(readSettings(acs));
  expect(checksOf('POST', '/api/callbacks/vonage/sip', calls)).toBeUndefined();
  expect(checksOf('POST', '/api/events/incoming-call', calls)).toBeUndefined();
  const callbacks = assemble(
    readSettings({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...grid, ...vonage }),
  );
  expect(checksOf('POST', '/api/callbacks/call-automation', callbacks)).toBeUndefined();
  expect(checksOf('GET', '/media', callbacks)).toBeUndefined();
});
