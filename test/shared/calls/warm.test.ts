import { expect, test } from 'vitest';
import { createApp } from '../../../shared/app.ts';
import { newReference } from '../../../shared/calls/uris.ts';
import type { IncomingCallEvent } from '../../../shared/events/call-automation.ts';
import { answeringSettings, startPlay } from '../../local/providers/call-automation/setup.ts';

async function started() {
  const { app, service } = await startPlay();
  return { service, calls: createApp(answeringSettings(service, app)).platform.calls };
}

test('the warm-up signs in and connects by a question about a call that does not exist', async () => {
  const { service, calls } = await started();
  await calls.warm();
  expect(service.requests()).toMatchObject([
    { method: 'GET', path: '/calling/callConnections/warm', signer: 'identity', status: 404 },
  ]);
});

test('a warm-up beside a call that is answered asks nothing', async () => {
  const { service, calls } = await started();
  const event = { type: 'Microsoft.Communication.IncomingCall', data: service.incomingCall() };
  const ring = calls.ring(event as IncomingCallEvent, newReference(), new AbortController().signal);
  await Promise.all([ring.answer(), calls.warm()]);
  expect(service.requests().map(({ method }) => method)).toEqual(['POST']);
  await service.idle();
});

test('a service that fails stops no start', async () => {
  const { service, calls } = await started();
  await service.down();
  await expect(calls.warm()).resolves.toBeUndefined();
});
