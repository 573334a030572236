import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { declaredLength } from './body.ts';
import { answerEmpty, type Exchange } from './exchange.ts';
import { readRequest } from './host-request.ts';
import { hostLog } from './log.ts';
import type { RouteTable } from './routes.ts';

/**
 * Finds each request's function and has it answered.
 * @param limit bytes; a request that declares more is a 413.
 * @param running gets each exchange's promise, which never rejects, until its function has ended and its answer is out.
 */
export function createListener(
  table: RouteTable,
  limit: number,
  answer: (exchange: Exchange) => Promise<void>,
  running: Set<Promise<void>>,
): RequestListener {
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const request = readRequest(req);
    if (!request) return answerEmpty(res, 400);
    const found = table.find(request.method, request.path);
    if (!found) return answerEmpty(res, 404);
    if (declaredLength(req) > limit) return answerEmpty(res, 413);
    await answer({ req, res, request, ...found });
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
