import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { post } from '../../local/http/request.ts';
import { callAutomation } from '../../local/providers/call-automation/index.ts';
import { callback, newCall } from '../../local/providers/call-automation/requests.ts';
import type { Rehearsal } from '../../local/rehearsal.ts';
import { playCall } from '../../local/scenarios/play.ts';
import type { CallEventData, CallEventName } from '../../shared/events/call-automation.ts';
import { testHandlers } from '../support/project.ts';
import { rehearse } from '../support/rehearse.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const example = path.join(import.meta.dirname, '../../handlers/example-menu.ts');
const CALLER = '4:+12065550100';
const RECEPTION = '4:+12065550123';
const MENU = ['recognize', CALLER, 'For our reception, press 1. For our opening hours, press 2.'];
const TRANSFER = ['transferToParticipant', RECEPTION];
const HANG_UP = ['terminate'];

let rehearsal: Rehearsal;

beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const handlers = await temporaryFolder();
  await copyFile(example, path.join(handlers, 'calls.ts'));
  rehearsal = await rehearse(process.env, [testHandlers.greeting, handlers]);
});

afterAll(async () => {
  await rehearsal.stop();
  vi.restoreAllMocks();
});

type Sounds = readonly { readonly text: { readonly text: string } }[];
type Asked = {
  readonly targetParticipant?: { readonly rawId: string };
  readonly recognizeOptions?: Pick<Asked, 'targetParticipant'>;
  readonly playSources?: Sounds;
  readonly playPrompts?: Sounds;
};

/** What the app asks of the fake service meanwhile: each action, with the participant that it names and what it says. */
async function actionsOf(work: () => Promise<unknown>): Promise<readonly (readonly string[])[]> {
  const { service } = rehearsal.cloud.of(callAutomation);
  const before = service.requests().length;
  await work();
  await service.idle();
  const actions = service.requests().slice(before);
  return actions
    .filter(({ method }) => method === 'POST')
    .map(({ path: action, body }) => {
      const { targetParticipant, recognizeOptions, playSources, playPrompts } = body as Asked;
      const { rawId } = recognizeOptions?.targetParticipant ?? targetParticipant ?? {};
      const said = (playSources ?? playPrompts ?? []).map(({ text }) => text.text);
      return [action.replace(/^.*:/, ''), ...(rawId ? [rawId] : []), ...said];
    });
}

/** Sends an event of a call that goes on. */
async function send<Name extends CallEventName>(name: Name, data: Partial<CallEventData[Name]> = {}) {
  const { acs, service } = rehearsal.cloud.of(callAutomation);
  const uri = await rehearsal.cloud.callbackUris(rehearsal.url)();
  return post(callback(acs, uri, [newCall(service.goingOn(uri)).event(name, data)]));
}

// The caller of the fake service presses 1 whenever the app listens.
test('a caller is answered, hears the menu, presses 1 and is transferred', async () => {
  const actions = await actionsOf(() => playCall(rehearsal.context, new AbortController().signal));
  expect(actions).toEqual([['answer'], MENU, TRANSFER]);
});

test.each([
  ['one', [TRANSFER]],
  ['two', [['play', 'We are open from Monday to Friday, from nine to five. Goodbye.'], HANG_UP]],
  ['nine', [MENU, TRANSFER]],
])('after the key %s the app does what the menu says', async (tone, expected) => {
  const actions = await actionsOf(() => send('RecognizeCompleted', { dtmfResult: { tones: [tone] } }));
  expect(actions).toEqual(expected);
});

test('after silence the app says goodbye and hangs up', async () => {
  expect(await actionsOf(() => send('RecognizeFailed'))).toEqual([['play', 'Goodbye.'], HANG_UP]);
});

test('a transfer that failed leads back to the menu', async () => {
  const [, who = '', menu = ''] = MENU;
  expect(await actionsOf(() => send('CallTransferFailed'))).toEqual([
    ['recognize', who, 'Nobody answers at our reception.', menu],
    TRANSFER,
  ]);
});

test('a text that cannot be spoken ends the call', async () => {
  expect(await actionsOf(() => send('PlayFailed'))).toEqual([HANG_UP]);
});

test('a call that was not answered with the menu is left alone', async () => {
  expect(await actionsOf(() => send('CallConnected'))).toEqual([]);
});
