import type { Reply } from './post.ts';

/** Whether an endpoint took a subscription, and what it answered. */
export type Handshake = Reply & {
  readonly granted: boolean;
  /** What nobody but the endpoint may learn: whoever has it can complete the handshake. */
  readonly secrets: readonly string[];
};

/**
 * Status 200, no other, with the code echoed.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
export function echoes({ status, body }: Reply, code: string): boolean {
  if (status !== 200) return false;
  try {
    return (JSON.parse(body) as { validationResponse?: unknown } | null)?.validationResponse === code;
  } catch {
    return false;
  }
}

/**
 * Status 200 with the origin, or any, and a rate: requests a minute, or any.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema
 */
export function allows({ status, headers }: Reply, origin: string): boolean {
  const allowed = headers.get('webhook-allowed-origin');
  const rate = headers.get('webhook-allowed-rate') ?? '';
  return status === 200 && (allowed === origin || allowed === '*') && /^(\*|[1-9]\d*)$/.test(rate);
}
