import { reasons } from '../reasons.ts';
import type { AnswerName, Reason } from '../reasons.ts';

/** What goes back to the sender. A refusal is constant for its status and says nothing about why. */
export type HttpResponse = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Seconds until the sender should retry: soon, because a live call waits. */
const RETRY_AFTER_SECONDS = 5;

const refusals: Readonly<Record<AnswerName, HttpResponse>> = {
  unauthorized: refusal(401, 'unauthorized', { 'www-authenticate': 'Bearer' }),
  forbidden: refusal(403, 'forbidden'),
  'bad-request': refusal(400, 'bad request'),
  'too-large': refusal(413, 'payload too large'),
  'unsupported-media-type': refusal(415, 'unsupported media type'),
  unavailable: refusal(503, 'unavailable', { 'retry-after': String(RETRY_AFTER_SECONDS) }),
  failed: refusal(500, 'internal error'),
};

export const handled: HttpResponse = { status: 200 };

/** 200 with the reply of a handler. */
export const replied = (contentType: string, text: string): HttpResponse =>
  text === '' ? handled : { status: 200, headers: { 'content-type': contentType }, body: text };

/** @param unavailableStatus the status that makes this sender retry in time */
export function refusalFor(reason: Reason, unavailableStatus: 503 | 504): HttpResponse {
  const { answer } = reasons[reason];
  const response = refusals[answer];
  return answer === 'unavailable' ? { ...response, status: unavailableStatus } : response;
}

function refusal(status: number, error: string, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error }),
  };
}
