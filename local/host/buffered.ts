import { randomUUID } from 'node:crypto';
import { sendAnswer } from './answer.ts';
import { readDeclaredBody } from './body.ts';
import { answerEmpty, type Exchange } from './exchange.ts';
import { invoke } from './invoke.ts';
import { httpInput, invocationRequest } from './rpc-request.ts';

/**
 * Without HTTP streaming: the whole request goes to the worker and the whole answer comes back. A handler that throws,
 * or whose result is no answer, is a 500. A caller who leaves does not end the invocation.
 */
export async function answerBuffered({ req, res, request, fn, params }: Exchange): Promise<void> {
  const body = await readDeclaredBody(req);
  const input = httpInput(request, params, body);
  const invocationId = randomUUID();
  // As the library's own server does in streaming mode: so that an answer can be found in the log.
  res.setHeader('x-ms-invocation-id', invocationId);
  try {
    const response = await invoke(fn, invocationRequest(invocationId, fn, request, params, body, input));
    sendAnswer(res, response.returnValue?.http);
  } catch {
    answerEmpty(res, 500); // invoke has logged it
  }
}
