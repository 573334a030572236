import type {
  CallerAction,
  CallerShown,
  CallView,
  CurlCommand,
  Detail,
  OutageAction,
  ReplayAction,
  RotationAction,
  SendAction,
  SendResult,
  State,
} from '../contract.ts';

export const readState = () => ask<State>('state');
/** Undefined when it is no longer kept. */
export const readDelivery = (id: number) => askFor<Detail>(`deliveries/${id}`);
export const readCurl = (id: number) => ask<CurlCommand>(`deliveries/${id}/curl`);
export const readCall = (id: string) => askFor<CallView>(`calls/${encodeURIComponent(id)}`);
export const send = (order: SendAction) => ask<SendResult>('send', order);
export const replay = (order: ReplayAction) => ask<SendResult>('replay', order);
export const setOutage = (order: OutageAction) => ask<State>('outages', order);
/** What the fake caller of a call does, and what it notices then. */
export const act = (order: CallerAction) => ask<CallerShown>('caller', order);
export const rotate = (order: RotationAction) => ask<State>('rotations', order);

async function ask<Answer>(route: string, order?: unknown): Promise<Answer> {
  const found = await askFor<Answer>(route, order);
  if (found === undefined) throw new Error('npm start does not know that any more: load the page again.');
  return found;
}

async function askFor<Answer>(route: string, order?: unknown): Promise<Answer | undefined> {
  const init = order && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  };
  let answer: Response;
  try {
    // Relative to the page, whose address has the token.
    answer = await fetch(route, init || {});
  } catch {
    throw new Error('npm start does not answer. Is it still running?');
  }
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(await refusal(answer));
  return (await answer.json()) as Answer;
}

async function refusal(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // Not JSON: then it is shown as it is.
  }
  return text.slice(0, 300) || `npm start answered ${answer.status}.`;
}
