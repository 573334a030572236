import { randomBytes, randomUUID } from 'node:crypto';
import { newReference } from '../shared/calls/uris.ts';
import { CALLBACKS, ringward } from './ringward.ts';

const EVENTS_PER_CALL = 5;

/**
 * Genuine deliveries through the pipeline of callbacks without its checks: each has a token and an event of its own, and
 * five share a call and its reference.
 *
 * @param environment more settings, such as another ledger
 * @returns delivers one
 */
export function deliveries(environment: Readonly<Record<string, string>>, onHandled: () => void) {
  let sent = 0;
  let call = '';
  let reference = '';
  const inSeconds = (seconds: number) => Date.now() / 1000 + seconds;
  const verified = {
    name: 'verified',
    run: async () => ({
      reference,
      referenceExpires: inSeconds(3600),
      token: { id: randomUUID(), unique: true, expires: inSeconds(300) },
    }),
  };
  const settings = {
    ACS_RESOURCE_ID: randomUUID(),
    CALLBACK_KEY_SECRET: 'callback-key',
    SECRET_CALLBACK_KEY: randomBytes(32).toString('base64url'),
  };
  const { receive } = ringward(
    CALLBACKS,
    { ...settings, ...environment },
    { handlers: { calls: { events: { otherwise: onHandled } } }, check: verified },
  );
  return async function deliver(): Promise<void> {
    if (sent++ % EVENTS_PER_CALL === 0) {
      call = randomUUID();
      reference = newReference();
    }
    const { status } = await receive(requestOf(call));
    if (status !== 200) throw new Error(`answered ${status}`);
  };
}

/** A new event of a call. */
function requestOf(call: string): Request {
  const source = `calling/callConnections/${call}`;
  const type = 'Microsoft.Communication.PlayCompleted';
  const event = { id: randomUUID(), source, type, data: { callConnectionId: call }, specversion: '1.0' };
  return new Request('https://app.example/api/callbacks/call-automation', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([event]),
  });
}
