import { LOOPBACK } from '../../../http/loopback.ts';
import type { Answer, Body, LiveCall, Service } from './model.ts';

/** @param params the decoded values of the names in braces */
export type Operation = (body: Body, service: Service, params: readonly string[]) => Answer;

/** By method and path, such as `POST /calling/callConnections/{call}:play`. */
export type Operations = Readonly<Record<string, Operation>>;

/** An error in the form of the service. Its codes are not all published, so these are only similar. */
export const refused = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** An operation on a call: 404 where there is none, and 400 (8501) where it is not connected but has to be. */
export function onCall(
  operate: (call: LiveCall, body: Body, service: Service, params: readonly string[]) => Answer,
  { connected = true } = {},
): Operation {
  return (body, service, [id = '', ...params]) => {
    const call = service.calls.get(id);
    if (!call || call.state === 'disconnected') return refused(404, '8522', 'Call not found.');
    if (connected && call.state !== 'connected')
      return refused(400, '8501', 'Action is invalid when call is not in Established state.');
    const fault = body.operationCallbackUri !== undefined && faultOfUri(body.operationCallbackUri);
    return fault || operate(call, body, service, params);
  };
}

/**
 * Returns the fault of a callback URI, if any. The service accepts only https; here http and ws are accepted as well, but
 * only to this machine, where the app runs.
 */
export function faultOfUri(uri: string | undefined, scheme: 'http' | 'ws' = 'http'): Answer | undefined {
  if (!uri) return refused(400, '8500', 'A URI to call back is required.');
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const fit =
    url?.protocol === `${scheme}s:` || (url?.protocol === `${scheme}:` && LOOPBACK.has(url.hostname));
  return fit ? undefined : refused(400, '8500', `The URI has to be absolute and start with ${scheme}s.`);
}
