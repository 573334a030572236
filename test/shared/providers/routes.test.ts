import { expect, test } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { findEndpoint } from '../../../shared/delivery/endpoint.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import type { Environment } from '../../../shared/settings/table.ts';
import { manualClock } from '../../clock.ts';
import { development } from '../../support/settings.ts';

const calls = { ...development, CALLBACK_KEY_SECRET: 'callback-key', SECRET_CALLBACK_KEY: 'k'.repeat(32) };
const grid = {
  EVENT_GRID_KEY_SECRET: 'event-grid-key',
  SECRET_EVENT_GRID_KEY: 'g'.repeat(32),
  EVENT_GRID_TENANT_ID: '11111111-2222-3333-4444-555555555555',
  EVENT_GRID_AUDIENCE: 'api://ringward',
  EVENT_GRID_SUBSCRIPTIONS: 'incoming-calls',
};
const vonage = { VONAGE_PROJECTS: '12345678', SECRET_VONAGE_12345678: 'v'.repeat(32) };

const sendersOf = (environment: Environment) =>
  createApp(readSettings(environment), {}, manualClock()).senders;
const everySender = sendersOf({ ...calls, ...grid, ...vonage });

function checksOf(method: string, target: string, senders = everySender) {
  const endpoints = senders.flatMap((sender) => sender.endpoints);
  const endpoint = findEndpoint(endpoints, method, new URL(target, 'https://app.example'));
  return endpoint?.checks.map(({ name }) => name);
}
const upgradeChecks = (senders = everySender) =>
  senders.flatMap(({ upgrade }) => (upgrade ? [[upgrade.path, upgrade.checks.map(({ name }) => name)]] : []));

const CALLBACK = ['source-address', 'callback-key', 'call-automation-token'];
const VONAGE = ['source-address', 'vonage-token', 'body-hash'];

test.each([
  ['POST', '/api/callbacks/call-automation?key=x', CALLBACK],
  ['POST', '/API/Callbacks/Call-Automation/', CALLBACK],
  ['POST', '/callbacks/call-automation', undefined],
  ['GET', '/api/callbacks/call-automation', undefined],
  ['POST', '/api/events/incoming-call', ['subscription', 'shared-key', 'entra-token']],
  ['OPTIONS', '/api/events/incoming-call', ['subscription', 'shared-key', 'webhook-request']],
  ['GET', '/api/events/incoming-call', undefined],
  ['POST', '/api/callbacks/vonage/session-monitoring', VONAGE],
  ['POST', '/api/callbacks/vonage/archive', VONAGE],
  ['POST', '/api/callbacks/vonage/sip', VONAGE],
  ['POST', '/api/callbacks/vonage/experience-composer', VONAGE],
  ['POST', '/api/callbacks/vonage/broadcast', VONAGE],
  ['POST', '/api/callbacks/vonage/captions', VONAGE],
  ['POST', '/api/callbacks/vonage/unknown', undefined],
  ['GET', '/api/authorize?for=callback', ['callback-key', 'call-automation-token']],
  ['GET', '/api/authorize?for=media', ['media-ticket', 'call-automation-token']],
  ['GET', '/api/authorize', ['sub-request']],
  ['GET', '/', undefined],
] as const)('%s %s is verified by %j', (method, target, checks) => {
  expect(checksOf(method, target)).toEqual(checks);
});

test('an upgrade is verified by source address, media ticket and token', () => {
  expect(upgradeChecks()).toEqual([['media', ['source-address', 'media-ticket', 'call-automation-token']]]);
});

test.each([
  ['no subscriptions', { EVENT_GRID_SUBSCRIPTIONS: '' }, ['shared-key', 'entra-token']],
  ['no shared key', { EVENT_GRID_KEY_SECRET: '' }, ['subscription', 'entra-token']],
  ['no tenant', { EVENT_GRID_TENANT_ID: '', EVENT_GRID_AUDIENCE: '' }, ['subscription', 'shared-key']],
])('with %s configured the incoming-call route has the other checks', (_what, change, checks) => {
  expect(checksOf('POST', '/api/events/incoming-call', sendersOf({ ...calls, ...grid, ...change }))).toEqual(
    checks,
  );
});

test.each([
  ['no subscriptions', { EVENT_GRID_SUBSCRIPTIONS: '' }, ['shared-key', 'webhook-request']],
  ['no shared key', { EVENT_GRID_KEY_SECRET: '' }, ['subscription', 'shared-key', 'webhook-request']],
])('with %s configured its OPTIONS has these checks', (_what, change, checks) => {
  const senders = sendersOf({ ...calls, ...grid, ...change });
  expect(checksOf('OPTIONS', '/api/events/incoming-call', senders)).toEqual(checks);
});

test('a sender whose settings are absent has no route', () => {
  const callsAlone = sendersOf(calls);
  expect(checksOf('POST', '/api/callbacks/vonage/sip', callsAlone)).toBeUndefined();
  expect(checksOf('POST', '/api/events/incoming-call', callsAlone)).toBeUndefined();
  const others = sendersOf({ AZURE_FUNCTIONS_ENVIRONMENT: 'Development', ...grid, ...vonage });
  expect(checksOf('POST', '/api/callbacks/call-automation', others)).toBeUndefined();
  expect(upgradeChecks(others)).toEqual([]);
});
