export interface ParameterText {
  readonly name: string;
  readonly catchAll: boolean;
  readonly optional: boolean;
  /** The default value after `=`. */
  readonly fallback: string | undefined;
  /** As written, without their colons: `int`, `length(1,8)`. */
  readonly constraints: readonly string[];
}

/**
 * Reads the inside of a route template's braces, such as `*path`, `id:int?` or `kind:regex(^a|b$)=a`, or undefined
 * when it is malformed. Colons and equals signs within a constraint's parentheses are the constraint's own.
 */
export function readParameter(text: string): ParameterText | undefined {
  const [, stars = '', body = '', question] = /^(\*{0,2})(.*?)(\?)?$/s.exec(text) ?? [];
  const parts: string[] = [''];
  let depth = 0;
  let fallback: string | undefined;
  for (let at = 0; at < body.length; at++) {
    const char = body.charAt(at);
    if (depth === 0 && char === '=') {
      fallback = body.slice(at + 1);
      break;
    }
    if (depth === 0 && char === ':') {
      parts.push('');
      continue;
    }
    if (char === '(') depth++;
    if (char === ')') depth--;
    parts.push(parts.pop() + char);
    if (char === '\\') parts.push(parts.pop() + body.charAt(++at));
  }
  const [name = '', ...constraints] = parts;
  if (depth !== 0 || !/^[^{}/?*]+$/.test(name) || constraints.includes('')) return undefined;
  return { name, catchAll: stars !== '', optional: question === '?', fallback, constraints };
}
