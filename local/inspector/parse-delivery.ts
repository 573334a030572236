import type { Summary } from './contract.ts';

/** A body that is looked into, in bytes; the app takes no larger one. */
const LARGEST = 1024 * 1024;
/** Types of a delivery that are named, and the length of each. */
const MOST = 20;
const LONGEST = 100;

/** The sender that a path is for. */
export function providerOf(path: string): Summary['provider'] {
  const route = path.toLowerCase().replace(/\/$/, '');
  if (route === '/media') return 'media';
  if (route === '/api/callbacks/call-automation') return 'call-automation';
  if (route === '/api/events/incoming-call') return 'event-grid';
  if (route.startsWith('/api/callbacks/vonage/')) return 'vonage';
  return route === '/api/authorize' ? 'perimeter' : 'none';
}

/** The events of a body, whoever wrote it. */
export function eventsOf(body: Buffer | undefined): readonly Record<string, unknown>[] {
  if (!body || body.length === 0 || body.length > LARGEST) return [];
  try {
    const parsed: unknown = JSON.parse(body.toString());
    const elements: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return elements.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null);
  } catch {
    return [];
  }
}

/** What a delivery says it brings, proved or not. */
export function typesOf(
  { provider, method, path }: Pick<Summary, 'provider' | 'method' | 'path'>,
  body: Buffer,
): readonly string[] {
  if (method === 'OPTIONS') return ['handshake'];
  const kind = path.split('/').at(-1) ?? '';
  const types = eventsOf(body).map(({ type, eventType, event, status }) => {
    if (provider !== 'vonage') return type ?? eventType;
    const state = [event, status].find((one) => typeof one === 'string' && one !== kind);
    return state === undefined ? kind : `${kind}:${String(state)}`;
  });
  const named = types.filter((type) => typeof type === 'string').map((type) => type.slice(0, LONGEST));
  return [...new Set(named)].slice(0, MOST);
}

/** What a delivery calls the call that it belongs to; the most telling first. */
export function callNames(body: Buffer | undefined): Readonly<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const { data } of eventsOf(body)) {
    if (typeof data !== 'object' || data === null) continue;
    for (const name of ['callConnectionId', 'serverCallId', 'correlationId']) {
      const value: unknown = Reflect.get(data, name);
      if (typeof value === 'string' && value && value.length <= 1000) names[name] ??= value;
    }
  }
  return names;
}
