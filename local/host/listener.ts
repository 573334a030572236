import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerEmpty, sendAnswer } from './answer.ts';
import { declaredLength, readDeclaredBody } from './body.ts';
import { readRequest } from './host-request.ts';
import { invoke } from './invoke.ts';
import { hostLog } from './log.ts';
import type { RouteTable } from './routes.ts';
import { httpInput, invocationRequest } from './rpc-request.ts';

/**
 * Finds each request's function, hands it the whole request, and sends its whole answer. A handler that throws, or whose
 * result is no answer, is a 500. A caller who leaves does not end the invocation.
 * @param limit bytes; a request that declares more is a 413.
 * @param running gets each exchange's promise, which never rejects, until its function has ended and its answer is out.
 */
export function createListener(
  table: RouteTable,
  limit: number,
  running: Set<Promise<void>>,
): RequestListener {
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const request = readRequest(req);
    if (!request) return answerEmpty(res, 400);
    const found = table.find(request.method, request.path);
    if (!found) return answerEmpty(res, 404);
    if (declaredLength(req) > limit) return answerEmpty(res, 413);
    const body = await readDeclaredBody(req);
    const invocationId = randomUUID();
    // So that an answer can be found in the log.
    res.setHeader('x-ms-invocation-id', invocationId);
    const input = httpInput(request, found.params, body);
    try {
      const response = await invoke(found.fn, invocationRequest(invocationId, found.fn, request, input));
      sendAnswer(res, response.returnValue?.http);
    } catch {
      answerEmpty(res, 500); // invoke has logged it
    }
  };
  return (req, res) => {
    const sent = new Promise((resolve) => res.on('close', resolve));
    const exchange = handle(req, res)
      .catch((error: unknown) => {
        if (!req.destroyed) hostLog('error', `A request could not be answered: ${String(error)}`);
        answerEmpty(res, 500);
      })
      .then(() => sent)
      .then(() => void running.delete(exchange));
    running.add(exchange);
  };
}
