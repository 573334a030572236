import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventSubscription, subscribe } from '../../infra/hooks/event-subscription.ts';
import { NotYet } from '../../infra/hooks/patience.ts';
import { put } from '../../infra/hooks/resource-manager.ts';
import { systemClock } from '../../shared/clock.ts';
import { eventGridSubscription } from '../../local/providers/event-grid/subscription.ts';
import { cloud } from '../infra/hooks/cloud.ts';
import { stageWithTestHandlers, startStaged } from './staged.ts';
import type { StagedApp } from './staged.ts';

// What `azd up` asks Azure for after the deployment, held against the staged bundle: does the app take the handshake and the
// deliveries of that very subscription?
let app: StagedApp;
beforeAll(async () => {
  app = await startStaged(await stageWithTestHandlers());
});
afterAll(() => app.stop());

type Body = ReturnType<typeof eventSubscription>;

/** Event Grid as it delivers by a subscription that was put. The header is documented for deliveries alone. */
function sender({ properties }: Body, name: string, header = true) {
  const { endpointUrl, deliveryAttributeMappings, ...webhook } = properties.destination.properties;
  const entra = 'azureActiveDirectoryApplicationIdOrUri' in webhook;
  return eventGridSubscription({
    topic: app.eventGrid.topic,
    subscriptionName: name,
    schema: properties.eventDeliverySchema === 'EventGridSchema' ? 'event-grid' : 'cloud-events',
    url: endpointUrl,
    ...(header && {
      key: deliveryAttributeMappings.find((one) => one.name === 'x-ringward-key')!.properties.value,
    }),
    ...(entra && {
      token: () => app.entra.token({ audience: String(webhook.azureActiveDirectoryApplicationIdOrUri) }),
    }),
    clock: systemClock,
  });
}

const UNAUTHORIZED = { message: 'Http POST request failed with response code Unauthorized.' };

/** Azure Resource Manager, which makes a subscription only once its handshake has passed. */
const azure = (header = true) =>
  cloud(async ({ method, path, body }, url) => {
    if (method === 'GET') return { status: 200, body: { status: 'Succeeded' } };
    const name = new URL(path, url).pathname.split('/').at(-1)!;
    const { granted } = await sender(JSON.parse(body) as Body, name, header).subscribe();
    return granted
      ? { status: 201, body: {}, headers: { 'azure-asyncoperation': `${url}/operation` } }
      : { status: 400, body: { error: { code: 'Url validation', ...(!header && UNAUTHORIZED) } } };
  });

const putting = async (body: Body, name = 'incoming-calls', header = true) =>
  put(`/systemTopics/t/eventSubscriptions/${name}?api-version=2025-02-15`, body, {
    signIn: () => Promise.resolve('token'),
    wait: () => Promise.resolve(),
    manager: (await azure(header)).url,
  });

const genuine = () => ({
  appUrl: app.url,
  sharedKey: app.eventGrid.key,
  entra: { tenantId: app.entra.tenantId, audience: app.eventGrid.audience },
});

test('the handshake passes, and a call that comes by it is handled', async () => {
  const body = eventSubscription(genuine());
  await putting(body);
  const data = app.callAutomation.incomingCall({ callerDisplayName: 'Ada' });
  const subscription = sender(body, 'incoming-calls');
  const told = { id: randomUUID(), type: 'Microsoft.Communication.IncomingCall', subject: '/caller/a', data };
  expect(await subscription.send([subscription.event(told)])).toMatchObject({ status: 200 });
});

test('a handshake without the header passes once the address has the key, and so does a call', async () => {
  let body = eventSubscription(genuine());
  const patience = { tries: 2, pause: 1, wait: async () => {}, say: () => {} };
  await subscribe(genuine(), patience, (asked) => {
    body = asked as Body;
    return putting(body, 'incoming-calls', false);
  });
  expect(body.properties.destination.properties.endpointUrl).toContain('?key=');
  const data = app.callAutomation.incomingCall({ callerDisplayName: 'Bob' });
  const subscription = sender(body, 'incoming-calls');
  const told = { id: randomUUID(), type: 'Microsoft.Communication.IncomingCall', subject: '/caller/b', data };
  expect(await subscription.send([subscription.event(told)])).toMatchObject({ status: 200 });
});

test.each([
  ['another shared key', () => ({ ...genuine(), sharedKey: 'another' }), undefined],
  ['no Entra token, where the app asks for one', () => ({ ...genuine(), entra: undefined }), undefined],
  ['a name that the app does not know', genuine, 'somebody-elses'],
])('with %s there is no subscription', async (_, subscription, name) => {
  const refused = putting(eventSubscription(subscription()), name);
  await expect(refused).rejects.toThrow(new NotYet('Azure answered 400 (Url validation)'));
});
