import { randomUUID } from 'node:crypto';
import { readDeclaredBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { forward, type WorkerServer } from './forward.ts';
import { invoke } from './invoke.ts';
import { invocationRequest } from './rpc-request.ts';

/**
 * With HTTP streaming: the request itself is forwarded to the library's own HTTP server under an invocation id, while
 * the worker is told of the invocation with little more than the trigger's metadata. Answers and chunked bodies
 * stream; a body with a Content-Length is read first, since its fields are part of that metadata.
 *
 * A handler that throws never answers the forwarded request, so its caller waits until the forwarding times out.
 */
export function answerStreamed(worker: WorkerServer) {
  return async (exchange: Exchange): Promise<void> => {
    const { req, request, fn, params } = exchange;
    const body = await readDeclaredBody(req);
    const invocationId = randomUUID();
    const forwarding = forward(worker, exchange, invocationId, body);
    const invocation = invoke(fn, invocationRequest(invocationId, fn, request, params, body, {}));
    await Promise.allSettled([forwarding, invocation]); // invoke has logged a failure
  };
}
