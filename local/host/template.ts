import { HostError } from './host-error.ts';

type Check = (value: string) => boolean;

export interface RouteTemplate {
  /** The route parameters by name, or undefined when the path is another. `path` is decoded and starts with `/`. */
  match(path: string): Record<string, string> | undefined;
  /** Equal for two templates that match the same paths: parameter names, which do not matter, are left out. */
  readonly shape: string;
  /** With parameter names, but without constraints, in lower case. */
  readonly plain: string;
}

interface Segment {
  /** The text, or the parameter's name. */
  readonly text: string;
  readonly kind: 'literal' | 'required' | 'optional' | 'rest';
  readonly constraints: readonly string[];
}

/** The constraints that the documentation of HTTP triggers uses, and their like. */
const checks: Readonly<Record<string, Check>> = {
  alpha: (value) => /^[a-z]*$/i.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(value),
  int: (value) => isInteger(value, 32),
  long: (value) => isInteger(value, 64),
};

/**
 * A route template: literals (compared without ASCII case), `{name}`, `{name?}` and a last `{*name}`, each parameter
 * with constraints such as `{id:int}`. The Functions host takes everything that ASP.NET Core has; the rest is refused here.
 * @throws HostError for a template that this host does not support.
 */
export function parseTemplate(template: string): RouteTemplate {
  const segments = segmentsOf(template.replace(/^\//, '')).map((text) => parseSegment(text, template));
  const names = segments.filter(({ kind }) => kind !== 'literal').map(({ text }) => foldCase(text));
  if (new Set(names).size < names.length) throw unusable(template, 'a parameter occurs twice');
  if (segments.some(({ kind }, at) => kind === 'rest' && at < segments.length - 1)) {
    throw unusable(template, 'a catch-all parameter is not the last segment');
  }
  return {
    match: (path) => matchSegments(segments, path),
    shape: `/${segments.map(shapeOf).join('/')}`,
    plain: `/${segments.map(({ text, kind }) => foldCase(kind === 'literal' ? text : `{${text}}`)).join('/')}`,
  };
}

/** Only ASCII letters: U+212A, the Kelvin sign, is no `k`. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function matchSegments(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  // A trailing slash is no segment of its own, except in a catch-all.
  const sent = path.slice(1);
  const values = segmentsOf(sent);
  const found: [string, string][] = [];
  for (const [at, { text, kind, constraints }] of segments.entries()) {
    const value = kind === 'rest' ? sent.split('/').slice(at).join('/') : values[at];
    if (kind === 'literal') {
      if (value === undefined || foldCase(value) !== foldCase(text)) return undefined;
      continue;
    }
    if (kind === 'rest' ? value === '' : value === undefined) {
      if (kind === 'required') return undefined;
      continue;
    }
    if (!value || !constraints.every((name) => checks[name]?.(value))) return undefined;
    found.push([text, value]);
  }
  const isOpen = segments.at(-1)?.kind === 'rest';
  return isOpen || values.length <= segments.length ? Object.fromEntries(found) : undefined;
}

function segmentsOf(path: string): string[] {
  const trimmed = path.replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

function parseSegment(text: string, template: string): Segment {
  if (!/[{}]/.test(text)) return { text, kind: 'literal', constraints: [] };
  const [, stars, inner = '', question] = /^\{(\*{0,2})([^{}?*]*)(\??)\}$/.exec(text) ?? [];
  const [name = '', ...constraints] = inner.split(':');
  if (!/^[^{}/?*=()]+$/.test(name)) {
    throw unusable(template, `"${text}" is none of {name}, {name?} and {*name}`);
  }
  const unknown = constraints.find((constraint) => !Object.hasOwn(checks, constraint.toLowerCase()));
  if (unknown !== undefined) {
    const known = Object.keys(checks).join(', ');
    throw unusable(template, `the local host does not support the constraint "${unknown}", only ${known}`);
  }
  return {
    text: name,
    kind: stars ? 'rest' : question ? 'optional' : 'required',
    constraints: constraints.map((constraint) => constraint.toLowerCase()),
  };
}

function shapeOf({ text, kind, constraints }: Segment): string {
  if (kind === 'literal') return foldCase(text);
  return `{${[kind, ...constraints].join(':')}}`;
}

function isInteger(value: string, bits: number): boolean {
  return /^[+-]?\d+$/.test(value) && BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
}

function unusable(template: string, why: string): HostError {
  return new HostError(`The route "${template}" cannot be served: ${why}.`);
}
