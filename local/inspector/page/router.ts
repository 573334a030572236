/** The open view, as the address names it, so that a reload opens the same view. */
export type Route =
  | { readonly at: 'list' }
  | { readonly at: 'send' }
  | { readonly at: 'calls' }
  | { readonly at: 'delivery'; readonly id: number }
  | { readonly at: 'call'; readonly id: string };

export function routeOf(hash: string): Route {
  const [at, id = ''] = hash.replace(/^#/, '').split('/');
  if (at === 'send' || at === 'calls') return { at };
  if (at === 'delivery' && /^[1-9]\d{0,14}$/.test(id)) return { at, id: Number(id) };
  if (at === 'call' && id) return { at, id: decoded(id) };
  return { at: 'list' };
}

export function hashOf(route: Route): string {
  if (route.at === 'list') return '#deliveries';
  return 'id' in route ? `#${route.at}/${encodeURIComponent(route.id)}` : `#${route.at}`;
}

export function go(route: Route): void {
  location.hash = hashOf(route);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
