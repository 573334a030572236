import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callAutomation } from '../../local/providers/call-automation/index.ts';
import { callback, newCall } from '../../local/providers/call-automation/requests.ts';
import { post } from '../../local/http/request.ts';
import { playCall } from '../../local/scenarios/play.ts';
import type { Rehearsal } from '../../local/rehearsal.ts';
import type { CallEventData, CallEventName } from '../../shared/events/call-automation.ts';
import { testHandlers } from '../support/project.ts';
import { rehearse } from '../support/rehearse.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let rehearsal: Rehearsal;

beforeAll(async () => {
  const handlers = await temporaryFolder();
  await copyFile(
    path.join(import.meta.dirname, '../../handlers/example-menu.ts'),
    path.join(handlers, 'calls.ts'),
  );
  rehearsal = await rehearse(process.env, [testHandlers.greeting, handlers]);
});
afterAll(() => rehearsal.stop());

/** What the app asked the fake service for meanwhile: the action, what it says, and who it is about. */
async function askedFor(work: () => Promise<unknown>): Promise<readonly string[]> {
  const { service } = rehearsal.cloud.of(callAutomation);
  const before = service.requests().length;
  await work();
  await service.idle();
  return service
    .requests()
    .slice(before)
    .filter(({ method, path: asked }) => method === 'POST' && asked !== '/warm')
    .map(({ path: asked, body }) => asked.replace(/^.*:/, '') + JSON.stringify(body));
}

async function send<Name extends CallEventName>(name: Name, data: Partial<CallEventData[Name]> = {}) {
  const { acs, service } = rehearsal.cloud.of(callAutomation);
  const uri = await rehearsal.cloud.callbackUris(rehearsal.url)();
  const event = newCall(service.goingOn(uri)).event(name, data);
  return post(callback(acs, uri, [event]));
}

test('x', async () => {
  console.log(await askedFor(() => playCall(rehearsal.context, new AbortController().signal)));
  for (const tones of [['one'], ['two'], ['nine'], []])
    console.log(await askedFor(() => send('RecognizeCompleted', { dtmfResult: { tones } })));
  console.log(await askedFor(() => send('RecognizeFailed')));
  console.log(await askedFor(() => send('CallTransferFailed')));
  console.log(await askedFor(() => send('PlayFailed')));
  expect(1).toBe(1);
});
