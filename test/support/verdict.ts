import { judge } from '../../shared/verification/check.ts';
import type { Check, ReceivedRequest } from '../../shared/verification/check.ts';

/** Headers in any form that `Headers` takes. */
export type Carried = ConstructorParameters<typeof Headers>[0];

/** A request that says nothing, for checks of which only one part is looked at. */
export function received(
  change: { url?: string; headers?: Carried; body?: string | Uint8Array } = {},
): ReceivedRequest {
  const {
    url = 'https://calls.example.com/api/callbacks/call-automation',
    headers = {},
    body = '[]',
  } = change;
  return {
    url: new URL(url),
    headers: new Headers(headers),
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}

/** `accepted`, or the reason why not. */
export async function verdictOf(check: Check, request = received(), signal?: AbortSignal): Promise<string> {
  const verdict = await judge(check, request, signal ?? new AbortController().signal);
  return verdict.outcome === 'accepted' ? 'accepted' : verdict.reason;
}

/** The same of something that throws as a check does. */
export const verdictOn = (work: () => unknown): Promise<string> =>
  verdictOf({
    name: 'work',
    async run() {
      await work();
      return {};
    },
  });
