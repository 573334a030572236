import path from 'node:path';
import { fakeCallers } from '../../local/caller.ts';
import { callAutomation } from '../../local/providers/call-automation/index.ts';
import { actionOf } from '../../local/providers/call-automation/scenarios.ts';
import { startRehearsal } from '../../local/rehearsal.ts';
import type { Rehearsal } from '../../local/rehearsal.ts';
import type { Environment } from '../../shared/settings/table.ts';
import { projectWith } from './project.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

/**
 * What `npm start` starts, with the handlers of the tests, in this process: so every secret of the fakes is known here.
 *
 * @param handlers folders of handlers
 */
export const rehearse = async (
  own: Environment = process.env,
  handlers?: readonly string[],
): Promise<Rehearsal> => started(await projectWith(handlers), own);

/**
 * Your own handlers, as `npm start` serves them beside its fake services. `call()` calls them; what the caller does then,
 * you say: `await call.press('1')`. No test waits for a timeout, since silence lasts until `call.silent()`.
 */
export async function rehearseHandlers(folder = root) {
  const { context, cloud, stop } = await started(folder, process.env);
  const callers = fakeCallers(context, { timesOut: false });
  const { service } = cloud.of(callAutomation);

  async function call() {
    const { names } = await callers.act('call', 'test');
    const caller = service.callers().find(({ incoming }) => incoming.serverCallId === names.serverCallId)!;
    const isOfCall = (path: string, context: string | undefined) =>
      context === caller.incoming.incomingCallContext ||
      path.startsWith(`/calling/callConnections/${caller.names().callConnectionId}`);
    const act = async (line: string) => void (await callers.act(line, 'test', names.serverCallId));
    return {
      // Each resolves when the app has handled the events, and rejects where the app waits for something else.
      press: (keys: string) => act(`press ${keys}`),
      say: (text: string) => act(`say ${text}`),
      silent: () => act('silent'),
      hangUp: () => act('hang up'),
      transferSucceeds: () => act('transfer succeeds'),
      transferFails: () => act('transfer fails'),
      /**
       * What the caller has noticed since it acted, such as `the app said "Press 1." and asked for digits (1 at most), 10 s`.
       * Several things are in their order, with semicolons between them.
       */
      says: () => caller.notices().says,
      /** What the app asked of the service in the call: the action by its name in the REST API, and its body. */
      did: () =>
        service
          .requests()
          .filter(({ method, path, body }) => method !== 'GET' && isOfCall(path, body.incomingCallContext))
          .map((request) => ({ action: actionOf(request), ...request.body })),
    };
  }
  return { call, stop };
}

async function started(folder: string, own: Environment): Promise<Rehearsal> {
  const rehearsal = await startRehearsal({
    app: path.join(folder, 'functions', 'main.ts'),
    media: path.join(folder, 'media', 'main.ts'),
    port: 0,
    own: () => own,
  });
  if (!(await rehearsal.healthy())) throw new Error('The app has no keys, secrets or ledger.');
  return rehearsal;
}
