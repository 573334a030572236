import { expect, test } from 'vitest';
import { toTeamsPhone } from '../../../../local/providers/call-automation/service/incoming-call.ts';
import { startPlay } from './setup.ts';

const status = (statusCode: number) => expect.objectContaining({ statusCode });

test('a call is answered with a managed identity, and its events arrive one after the other', async () => {
  const { app, acs, service, client, callbackUri } = await startPlay();
  const incoming = service.incomingCall();
  const { callConnectionProperties: properties } = await client.answerCall(
    incoming.incomingCallContext,
    callbackUri,
    { operationContext: 'greet' },
  );
  expect(properties).toMatchObject({
    serverCallId: incoming.serverCallId,
    correlationId: incoming.correlationId,
    callConnectionState: 'connecting',
    source: { phoneNumber: incoming.from.phoneNumber?.value },
  });

  await service.idle();
  const [connected, updated, ...more] = app.received();
  expect(more).toEqual([]);
  expect(JSON.parse(connected?.body ?? '')).toMatchObject([
    {
      type: 'Microsoft.Communication.CallConnected',
      specversion: '1.0',
      data: {
        callConnectionId: properties.callConnectionId,
        serverCallId: incoming.serverCallId,
        operationContext: 'greet',
      },
    },
  ]);
  expect(JSON.parse(updated?.body ?? '')).toMatchObject([
    { type: 'Microsoft.Communication.ParticipantsUpdated', data: { participants: [{}, {}] } },
  ]);
  const [, payload = ''] = connected?.headers.authorization?.split('.') ?? [];
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ aud: acs.resourceId });
  expect(updated?.headers.authorization).not.toBe(connected?.headers.authorization);
});

test('the callback URI comes back byte for byte', async () => {
  const { app, callbackUri, answered } = await startPlay();
  await answered();
  expect(app.received()[0]?.url).toBe(callbackUri.slice(app.url.length));
});

test('an access key signs as well as an identity, and a wrong one is refused', async () => {
  const { service, clientWithKey, callbackUri } = await startPlay();
  const { incomingCallContext: context } = service.incomingCall();
  const wrong = service.connectionString.replace(/accesskey=.{8}/, 'accesskey=AAAAAAAA');
  await expect(clientWithKey(wrong).answerCall(context, callbackUri)).rejects.toEqual(status(401));
  await clientWithKey().answerCall(context, callbackUri);
  expect(service.requests().map(({ signer }) => signer)).toEqual([undefined, 'access-key']);
});

const PATH = '/calling/callConnections:answer?api-version=2026-03-12';

test.each([
  '',
  'Bearer made-up.https://communication.azure.com',
  'HMAC-SHA256 SignedHeaders=host&Signature=AAAA',
  'HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=AAAA',
])('nobody gets in with the authorization %j', async (authorization) => {
  const { ask } = await startPlay();
  expect(await ask('POST', PATH, { authorization })).toBe(401);
});

test('a signature is good for the request that it was made for, and no other', async () => {
  const { service, clientWithKey, callbackUri, ask } = await startPlay();
  await clientWithKey().answerCall(service.incomingCall().incomingCallContext, callbackUri);
  const [{ headers = {}, body } = {}] = service.requests();
  const header = (name: string) => String(headers[name]);
  const signed = {
    authorization: header('authorization'),
    'x-ms-date': header('x-ms-date'),
    'x-ms-content-sha256': header('x-ms-content-sha256'),
  };
  const text = JSON.stringify(body);
  // It gets in, and finds that the call has been answered.
  expect(await ask('POST', PATH, signed, text)).toBe(404);
  expect(await ask('POST', PATH, signed, `${text} `)).toBe(401);
  expect(await ask('POST', `${PATH}&more`, signed, text)).toBe(401);
  expect(await ask('POST', PATH, { ...signed, 'x-ms-date': new Date(0).toUTCString() }, text)).toBe(401);
});

test('a context is good for one answer, rejection or redirection', async () => {
  const { service, client, callbackUri } = await startPlay();
  const target = { targetParticipant: { communicationUserId: '8:acs:someone' } };
  const takes = [
    (context: string) => client.answerCall(context, callbackUri),
    (context: string) => client.rejectCall(context),
    (context: string) => client.redirectCall(context, target),
  ];
  for (const take of takes) {
    const { incomingCallContext: context } = service.incomingCall();
    await take(context);
    for (const again of takes) await expect(again(context)).rejects.toEqual(status(404));
    await expect(take('unknown')).rejects.toEqual(status(400));
  }
});

test('a caller who gave up cannot be answered', async () => {
  const { service, client, callbackUri } = await startPlay();
  const incoming = service.incomingCall();
  service.giveUp(incoming);
  await expect(client.answerCall(incoming.incomingCallContext, callbackUri)).rejects.toEqual(status(404));
});

test.each(['', 'calls.example.com/callback', 'http://calls.example.com/callback', 'ftp://127.0.0.1/'])(
  'the callback URI %j is refused, and the call rings on',
  async (uri) => {
    const { service, client, callbackUri } = await startPlay();
    const { incomingCallContext: context } = service.incomingCall();
    await expect(client.answerCall(context, uri)).rejects.toEqual(status(400));
    await client.answerCall(context, callbackUri);
  },
);

test('a request that is sent again because its answer got lost answers the call once', async () => {
  const { service, clientWith, callbackUri } = await startPlay();
  const { incomingCallContext: context } = service.incomingCall();
  service.loseAnswer();
  const { callConnectionProperties } = await clientWith({
    retryOptions: { retryDelayInMs: 1 },
  }).answerCall(context, callbackUri);
  await service.idle();
  expect(service.requests().map((request) => request.status)).toEqual([200, 200]);
  expect(service.calls().map(({ callConnectionId }) => callConnectionId)).toEqual([
    callConnectionProperties.callConnectionId,
  ]);
  expect(service.deliveries().map(({ type }) => type)).toEqual(['CallConnected', 'ParticipantsUpdated']);
});

test('faults and absence reach the client as what they are', async () => {
  const { service, client, callbackUri } = await startPlay();
  const { incomingCallContext: context } = service.incomingCall();
  service.play('server-error');
  await expect(client.answerCall(context, callbackUri)).rejects.toEqual(status(500));
  service.play();
  await service.down();
  await expect(client.answerCall(context, callbackUri)).rejects.toMatchObject({ name: 'RestError' });
  await service.up();
  await client.answerCall(context, callbackUri);
});

test('a call is placed for a resource account of Teams', async () => {
  const { service, client, callbackUri } = await startPlay();
  const callee = { targetParticipant: { communicationUserId: '8:acs:callee' } };
  const teamsAppSource = { teamsAppId: '11111111-2222-3333-4444-555555555555' };
  const { callConnectionProperties } = await client.createCall(callee, callbackUri, { teamsAppSource });
  expect(callConnectionProperties.source).toMatchObject(teamsAppSource);
  await service.idle();
  expect(service.deliveries().map(({ type }) => type)).toEqual(['CallConnected', 'ParticipantsUpdated']);
});

test('a call to a resource account of Teams is answered', async () => {
  const { service, client, callbackUri } = await startPlay();
  const { incomingCallContext, to } = service.incomingCall(toTeamsPhone());
  expect(to).toEqual({ kind: 'unknown', rawId: expect.stringMatching(/^28:orgid:/) });
  const { callConnectionProperties } = await client.answerCall(incomingCallContext, callbackUri);
  expect(callConnectionProperties.targetParticipants).toEqual([{ id: to.rawId }]);
  await service.idle();
});

test('a call is placed, and connects', async () => {
  const { service, client, callbackUri } = await startPlay();
  const { callConnectionProperties } = await client.createCall(
    {
      targetParticipant: { phoneNumber: '+12065550101' },
      sourceCallIdNumber: { phoneNumber: '+12065550100' },
    },
    callbackUri,
    { operationContext: 'invite' },
  );
  await service.idle();
  const [connected] = service.deliveries();
  expect(connected?.type).toBe('CallConnected');
  expect(connected?.event.data).toMatchObject({
    callConnectionId: callConnectionProperties.callConnectionId,
    operationContext: 'invite',
  });
});
