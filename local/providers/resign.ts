import type { OutgoingRequest } from '../http/request.ts';

// Changes to the headers and the path of a delivery that is signed anew. All else stays byte for byte as it was.

type Headers = OutgoingRequest['headers'];

export function withBearer(headers: Headers, token: string): Headers {
  return withHeader(
    headers.filter(([name]) => name.toLowerCase() !== 'authentication'),
    'authorization',
    `Bearer ${token}`,
  );
}

/** Replaces the first header of that name and removes the others. */
export function withHeader(headers: Headers, name: string, value: string): Headers {
  const at = headers.findIndex(([one]) => one.toLowerCase() === name);
  const others = headers.filter(([one]) => one.toLowerCase() !== name);
  return others.toSpliced(at < 0 ? others.length : at, 0, [name, value]);
}

export function withoutParameter(target: string, name: string): string {
  const [path = '', ...query] = target.split('?');
  const others = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && pair.split('=')[0] !== name);
  return others.length > 0 ? `${path}?${others.join('&')}` : path;
}

export function withParameter(target: string, name: string, value: string): string {
  const others = withoutParameter(target, name);
  return `${others}${others.includes('?') ? '&' : '?'}${name}=${value}`;
}
