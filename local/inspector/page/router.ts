/** What is open, as the address says it, so that a page that is loaded again opens the same. */
export type Place =
  | { readonly at: 'list' }
  | { readonly at: 'send' }
  | { readonly at: 'calls' }
  | { readonly at: 'delivery'; readonly id: number }
  | { readonly at: 'call'; readonly id: string };

export function placeOf(hash: string): Place {
  const [at, id = ''] = hash.replace(/^#/, '').split('/');
  if (at === 'send' || at === 'calls') return { at };
  if (at === 'delivery' && /^[1-9]\d{0,14}$/.test(id)) return { at, id: Number(id) };
  if (at === 'call' && id) return { at, id: decoded(id) };
  return { at: 'list' };
}

export function hashOf(place: Place): string {
  if (place.at === 'list') return '#deliveries';
  return 'id' in place ? `#${place.at}/${encodeURIComponent(place.id)}` : `#${place.at}`;
}

export function go(place: Place): void {
  location.hash = hashOf(place);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
