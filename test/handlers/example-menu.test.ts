import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calls } from '../../handlers/example-menu.ts';
import { newCall } from '../../local/providers/call-automation/requests.ts';
import type { CallContext } from '../../shared/events/handlers.ts';
import { projectWith, testHandlers } from '../support/project.ts';
import { rehearseHandlers } from '../support/rehearse.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const example = path.join(import.meta.dirname, '../../handlers/example-menu.ts');
const CALLER = '4:+12065550100';
const RECEPTION = '4:+12065550123';
const MENU = 'For our reception, press 1. For our opening hours, press 2.';
const asked = ['recognize', CALLER, MENU];
const hearsMenu = `the app said "${MENU}" and asked for digits (1 at most), 10 s`;
const isOver = 'the call is over: the app ended it';
const transferred = ['transferToParticipant', RECEPTION];
const hungUp = ['terminate'];

let app: Awaited<ReturnType<typeof rehearseHandlers>>;
beforeAll(async () => {
  const handlers = await temporaryFolder();
  await copyFile(example, path.join(handlers, 'calls.ts'));
  app = await rehearseHandlers(await projectWith([testHandlers.greeting, handlers]));
});
afterAll(() => app?.stop());

type Call = Awaited<ReturnType<typeof app.call>>;
type Sounds = readonly { readonly text: { readonly text: string } }[];
type Action = {
  readonly action: string;
  readonly targetParticipant?: { readonly rawId: string };
  readonly recognizeOptions?: Pick<Action, 'targetParticipant'>;
  readonly playSources?: Sounds;
  readonly playPrompts?: Sounds;
};

/** What the app did after it had answered: each action, the participant that it names, and what it says. */
const didIn = (call: Call) =>
  (call.did() as readonly Action[]).slice(1).map(({ action, ...body }) => {
    const { rawId } = body.recognizeOptions?.targetParticipant ?? body.targetParticipant ?? {};
    const said = (body.playSources ?? body.playPrompts ?? []).map(({ text }) => text.text);
    return [action, ...(rawId ? [rawId] : []), ...said];
  });

test('a caller hears the menu, presses 1 and is transferred to the reception', async () => {
  const call = await app.call();
  expect(call.says()).toBe(hearsMenu);
  await call.press('1');
  expect(call.says()).toBe('the app transfers the call to +12065550123: it succeeds or fails');
  await call.transferSucceeds();
  expect(didIn(call)).toEqual([asked, transferred]);
});

test('a caller who presses 2 hears the opening hours, and the app hangs up', async () => {
  const call = await app.call();
  await call.press('2');
  const hours = 'We are open from Monday to Friday, from nine to five. Goodbye.';
  expect(call.says()).toBe(`the app said "${hours}"; ${isOver}`);
  expect(didIn(call)).toEqual([asked, ['play', hours], hungUp]);
});

test('a caller who presses another key hears the menu again', async () => {
  const call = await app.call();
  await call.press('9');
  await call.press('#');
  expect(call.says()).toBe(hearsMenu);
  expect(didIn(call)).toEqual([asked, asked, asked]);
  await call.hangUp();
});

test('a caller who is silent hears a goodbye, and the app hangs up', async () => {
  const call = await app.call();
  await call.silent();
  expect(call.says()).toBe(`the app said "Goodbye."; ${isOver}`);
  expect(didIn(call)).toEqual([asked, ['play', 'Goodbye.'], hungUp]);
});

test('a caller hears that the transfer failed, and the menu again', async () => {
  const call = await app.call();
  await call.press('1');
  await call.transferFails();
  expect(call.says()).toBe(
    `the app said "Nobody answers at our reception.", said "${MENU}" and asked for digits (1 at most), 10 s`,
  );
  const again = ['recognize', CALLER, 'Nobody answers at our reception.', MENU];
  expect(didIn(call)).toEqual([asked, transferred, again]);
  await call.hangUp();
});

test('after a caller has hung up, the app does nothing more', async () => {
  const call = await app.call();
  await call.hangUp();
  expect(didIn(call)).toEqual([asked]);
});

test('a sentence that cannot be spoken ends the call, and a call that was not answered here is left alone', async () => {
  const did: string[] = [];
  const context = { call: { hangUp: async () => did.push('hung up') } } as unknown as CallContext;
  const { event } = newCall();
  await calls.events.CallConnected(event('CallConnected'), context);
  await calls.events.PlayFailed(event('PlayFailed'), context);
  expect(did).toEqual(['hung up']);
});
