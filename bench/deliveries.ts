import { randomBytes, randomUUID } from 'node:crypto';
import { newReference } from '../shared/calls/uris.ts';
import type { ReceivedRequest } from '../shared/verification/check.ts';
import { CALLBACKS, ringward } from './ringward.ts';

const EVENTS_PER_CALL = 5;

/** A call, and the reference of its callback key. */
export type BenchCall = { readonly id: string; readonly reference: string };
export const benchCall = (): BenchCall => ({ id: randomUUID(), reference: newReference() });

/**
 * Genuine deliveries through the pipeline of callbacks without its checks: each has a token and an event of its own, and
 * five share a call and its reference.
 *
 * @param environment more settings, such as another ledger
 * @returns delivers one, with some events; of the call that is given, or of one of its own
 */
export function deliveries(environment: Readonly<Record<string, string>>, onHandled: () => void) {
  let sent = 0;
  let own = benchCall();
  const inSeconds = (seconds: number) => Date.now() / 1000 + seconds;
  const verified = {
    name: 'verified',
    run: async ({ headers }: ReceivedRequest) => ({
      reference: headers.get(REFERENCE) ?? '',
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
  return async function deliver(events = 1, given?: BenchCall): Promise<void> {
    if (!given && sent++ % EVENTS_PER_CALL === 0) own = benchCall();
    const { status } = await receive(requestOf(given ?? own, events));
    if (status !== 200) throw new Error(`answered ${status}`);
  };
}

/** Says which reference was verified. */
const REFERENCE = 'x-verified-reference';

/** New events of a call. */
function requestOf({ id: call, reference }: BenchCall, events: number): Request {
  const source = `calling/callConnections/${call}`;
  const type = 'Microsoft.Communication.PlayCompleted';
  const data = { callConnectionId: call };
  const event = () => ({ id: randomUUID(), source, type, data, specversion: '1.0' });
  const batch = Array.from({ length: events }, event);
  return new Request('https://app.example/api/callbacks/call-automation', {
    method: 'POST',
    headers: { 'content-type': 'application/json', [REFERENCE]: reference },
    body: JSON.stringify(batch),
  });
}
