import { misused } from '../../local/cli.ts';
import type { Captured } from './captured.ts';
import { routePaths } from './routes.ts';
import type { ReceivedRequest } from '../../shared/verification/check.ts';

export type Asked = {
  /** Absent where the capture does not say. */
  readonly method?: string;
  readonly received: ReceivedRequest;
};

/**
 * The captured request as the app would receive it: the values of a repeated header are joined by a comma, and the
 * Functions host passes on no body that came in chunks.
 *
 * @param route its route, for a capture that does not say, or that was made behind another path
 * @throws UsageError
 */
export function askedOf(captured: Captured, route: string | undefined): Asked {
  const { headers, body } = captured;
  const url = urlOf(captured, route);
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = joined.get(name.toLowerCase());
    joined.set(name.toLowerCase(), before === undefined ? value : `${before},${value}`);
  }
  const joinedHeaders = { get: (name: string) => joined.get(name.toLowerCase()) ?? null };
  return {
    ...(captured.method !== undefined && { method: captured.method }),
    received: {
      url,
      headers: joinedHeaders,
      body: joined.has('transfer-encoding') ? new Uint8Array() : body,
    },
  };
}

function urlOf({ target }: Captured, route: string | undefined): URL {
  if (target === undefined && route === undefined) {
    misused(
      'It does not say where it was sent: write <method> <path and query> before the headers, or say --route.',
    );
  }
  const whole = target ?? '/';
  if (!/^(?:(?:http|ws)s?:\/\/[^/]|\/(?!\/))/i.test(whole) || !URL.canParse(whole, 'https://app.invalid')) {
    misused('Where it was sent is neither a path nor an http address.');
  }
  const url = new URL(whole, 'https://app.invalid');
  if (route !== undefined) url.pathname = routePaths().get(route) ?? route;
  return url;
}
