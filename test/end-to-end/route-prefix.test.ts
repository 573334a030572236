import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedRoutes, startApp } from '../../local/app-process.ts';
import type { AppProcess } from '../../local/app-process.ts';
import { rehearsalEnvironment } from '../../local/fake-cloud.ts';
import { freePort } from '../../local/http/loopback.ts';
import { healthy } from '../support/healthy.ts';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { callback, newCall } from '../../local/providers/call-automation/requests.ts';
import { incomingCall } from '../../local/providers/event-grid/index.ts';
import { startFakes } from '../support/fakes.ts';
import type { Fakes } from '../support/fakes.ts';
import { stageWithRoutePrefix } from './staged.ts';

// A project whose host.json has another route prefix, staged. The fakes and senders of the tests know only the default.
const PREFIX = '/Hooks/v1/';
let cloud: Fakes;
let app: AppProcess;

const underPrefix = (url: string) => url.replace('/api/', PREFIX);
const moved = (request: OutgoingRequest) => ({ ...request, url: underPrefix(request.url) });

beforeAll(async () => {
  cloud = await startFakes();
  const port = await freePort();
  const environment = rehearsalEnvironment(process.env, cloud, `http://127.0.0.1:${port}`);
  app = await startApp({
    app: await stageWithRoutePrefix('Hooks/v1'),
    port,
    environment,
    expectedRoutes: expectedRoutes(environment).map(underPrefix),
    onLog: () => {},
  });
  await healthy(app.url, `${PREFIX}health`);
});
afterAll(async () => {
  await app.stop();
  await cloud.close();
});

test('a call is answered with a callback URI under the prefix of host.json, and its callbacks are handled there', async () => {
  expect(await post(moved(incomingCall(cloud, app.url)))).toMatchObject({ status: 200 });
  await cloud.callAutomation.idle();
  const deliveries = cloud.callAutomation.deliveries();
  expect(deliveries.map(({ type, status }) => [type, status])).toEqual([
    ['CallConnected', 200],
    ['ParticipantsUpdated', 200],
  ]);
  for (const { uri } of deliveries) {
    expect(uri.startsWith(`${app.url}${PREFIX}callbacks/call-automation?key=v1.`)).toBe(true);
  }
});

test('nothing is served under the default prefix', async () => {
  const uri = await cloud.callbackUris(app.url)();
  const genuine = () => callback(cloud.acs, uri, [newCall().event('CallConnected')]);
  expect(await post(genuine())).toMatchObject({ status: 404 });
  expect(await post(moved(genuine()))).toMatchObject({ status: 200 });
});
