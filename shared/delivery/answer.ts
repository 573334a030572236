import type { AnswerName } from '../reasons.ts';

/** What goes back to the sender: constant for each outcome, with no word about why. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Seconds after which a sender that heeds `Retry-After` comes again: soon, since a live call waits. */
const RETRY_AFTER = '5';

/** The sender's retry policy, one table for all providers. */
const answers: Readonly<Record<AnswerName, Answer>> = {
  unauthorized: refusal(401, 'unauthorized', { 'www-authenticate': 'Bearer' }),
  forbidden: refusal(403, 'forbidden'),
  'bad-request': refusal(400, 'bad request'),
  'too-large': refusal(413, 'payload too large'),
  'unsupported-media-type': refusal(415, 'unsupported media type'),
  unavailable: refusal(503, 'unavailable', { 'retry-after': RETRY_AFTER }),
  failed: refusal(500, 'internal error'),
};

export const handled: Answer = { status: 200 };

/** @param unavailableStatus what this provider's sender is told when it should come again */
export function answerTo(name: AnswerName, unavailableStatus: 503 | 504): Answer {
  const answer = answers[name];
  return name === 'unavailable' ? { ...answer, status: unavailableStatus } : answer;
}

function refusal(status: number, error: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error }),
  };
}
