import { constraint } from './constraints.ts';
import { HostError } from './host-error.ts';
import { type ParameterText, readParameter } from './parameter.ts';

type Check = (value: string) => boolean;

interface Literal {
  readonly literal: string;
}
interface Parameter extends ParameterText {
  readonly checks: readonly Check[];
}
type Segment = Literal | Parameter;

export interface RouteTemplate {
  /** The route parameters by name, or undefined when the path is another. `path` is decoded and starts with `/`. */
  match(path: string): Record<string, string> | undefined;
  /** Equal for two templates that match the same paths: parameter names, which do not matter, are left out. */
  readonly shape: string;
  /** What a reader would write: names, but neither constraints nor defaults; lower case. */
  readonly plain: string;
}

/**
 * An ASP.NET Core route template, as the Functions host hands it to `Microsoft.AspNetCore.Routing`: literals (compared
 * without case), `{name}`, `{name?}`, `{name=default}`, `{name:constraint}` and a last `{*name}`.
 * @throws HostError for a template that is malformed, or that mixes text and parameters in one segment.
 */
export function parseTemplate(template: string): RouteTemplate {
  const segments = splitSegments(template).map((text) => parseSegment(text, template));
  const names = segments.flatMap((segment) => ('name' in segment ? [segment.name.toLowerCase()] : []));
  if (new Set(names).size < names.length) throw unusable(template, 'a parameter occurs twice');
  if (segments.some((segment, at) => 'name' in segment && segment.catchAll && at < segments.length - 1)) {
    throw unusable(template, 'a catch-all parameter is not the last segment');
  }
  const describe = (withNames: boolean) =>
    segments.map((segment) => ('name' in segment ? describeParameter(segment, withNames) : segment.literal));
  return {
    match: (path) => matchSegments(segments, path),
    shape: `/${describe(false).join('/')}`.toLowerCase(),
    plain: `/${describe(true).join('/')}`.toLowerCase(),
  };
}

function matchSegments(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  // A trailing slash is no segment of its own, as in ASP.NET.
  const values = path.slice(1).replace(/\/$/, '').split('/');
  if (values.length === 1 && values[0] === '') values.pop();
  const found: [string, string][] = [];
  for (const [at, segment] of segments.entries()) {
    if (!('name' in segment)) {
      if (values[at]?.toLowerCase() !== segment.literal.toLowerCase()) return undefined;
      continue;
    }
    const sent = segment.catchAll ? values.slice(at).join('/') || undefined : values[at];
    const value = sent ?? segment.fallback;
    if (sent === '') return undefined;
    if (value === undefined) {
      if (!segment.optional && !segment.catchAll) return undefined;
      continue;
    }
    if (!segment.checks.every((check) => check(value))) return undefined;
    found.push([segment.name, value]);
  }
  const last = segments.at(-1);
  const open = last !== undefined && 'name' in last && last.catchAll;
  return open || values.length <= segments.length ? Object.fromEntries(found) : undefined;
}

/** Splits at the slashes outside braces: a `regex` constraint may hold some. */
function splitSegments(template: string): string[] {
  const trimmed = template.replace(/^\/|\/$/g, '');
  return trimmed === '' ? [] : (trimmed.match(/(?:\{(?:\{\{|\}\}|[^{}])*\}|[^/])+/g) ?? []);
}

function parseSegment(text: string, template: string): Segment {
  if (!/[{}]/.test(text)) return { literal: text };
  const [, inner] = /^\{((?:\{\{|\}\}|[^{}])*)\}$/.exec(text) ?? [];
  if (inner === undefined) throw unusable(template, `the segment "${text}" mixes text and parameters`);
  const parameter = readParameter(inner.replaceAll('{{', '{').replaceAll('}}', '}'));
  if (!parameter) throw unusable(template, `the parameter "${text}" is malformed`);
  return { ...parameter, checks: parameter.constraints.map((one) => readConstraint(one, template)) };
}

function readConstraint(text: string, template: string): Check {
  try {
    const check = constraint(text);
    if (check) return check;
  } catch {
    throw unusable(template, `the constraint "${text}" is malformed`);
  }
  throw unusable(template, `the constraint "${text}" is not one the local host knows`);
}

function describeParameter(parameter: Parameter, withName: boolean): string {
  if (withName) return `{${parameter.name}}`;
  const { catchAll, optional, fallback, constraints } = parameter;
  const open = optional || fallback !== undefined;
  return `{${catchAll ? '*' : ''}${constraints.map((one) => `:${one}`).join('')}${open ? '?' : ''}}`;
}

function unusable(template: string, why: string): HostError {
  return new HostError(`The route "${template}" cannot be served: ${why}.`);
}
