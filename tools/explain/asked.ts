import { unreadable } from './captured.ts';
import type { Captured } from './captured.ts';
import type { ReceivedRequest } from '../../shared/verification/check.ts';

export type Asked = { readonly method: string; readonly received: ReceivedRequest };

/**
 * The captured request as the app would receive it: a header that comes twice arrives joined by a comma.
 *
 * @param route where it was sent, for a capture that does not say, or that was made behind another path
 * @throws Unreadable
 */
export function askedOf(captured: Captured, route: string | undefined): Asked {
  const { headers, body } = captured;
  const url = urlOf(captured, route);
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = joined.get(name.toLowerCase());
    joined.set(name.toLowerCase(), before === undefined ? value : `${before},${value}`);
  }
  const read = /^\/media$|^\/api\/authorize$/.test(url.pathname) ? 'GET' : 'POST';
  return {
    method: captured.method ?? read,
    received: { url, headers: { get: (name) => joined.get(name.toLowerCase()) ?? null }, body },
  };
}

function urlOf({ target }: Captured, route: string | undefined): URL {
  if (target === undefined && route === undefined) {
    unreadable(
      'It does not say where it was sent: write <method> <path and query> before the headers, or say --route.',
    );
  }
  const whole = target ?? '/';
  if (!/^(?:(?:http|ws)s?:\/\/[^/]|\/(?!\/))/i.test(whole) || !URL.canParse(whole, 'https://app.invalid')) {
    unreadable('Where it was sent is neither a path nor an http address.');
  }
  const url = new URL(whole, 'https://app.invalid');
  if (route !== undefined) url.pathname = route === 'media' ? '/media' : `/api/${route}`;
  return url;
}
