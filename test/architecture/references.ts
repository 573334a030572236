import { type Token, tokens } from './tokens.ts';

/**
 * How a file names another one. `type`: `import type … from` and `export type … from`, which Node erases. `import`:
 * every other way that loads (or, as `import('…').T` does, may load). `computed`: a module known only at run time.
 * `text`: any other string, since `new URL('../x.ts', import.meta.url)`, `createRequire` and Worker name modules too.
 */
export type Reference = {
  form: 'type' | 'import' | 'computed' | 'text' | 'unreadable';
  specifier: string;
  line: number;
};

/** Every reference in a TypeScript or JavaScript file; in doubt one too many. */
export function references(source: string): Reference[] {
  const all = tokens(source);
  const found = new Map<Token, Reference['form']>();

  for (const [i, token] of all.entries()) {
    if (token.kind === 'unreadable') found.set(token, 'unreadable');
    else if (token.kind === 'reference') found.set(token, 'import');
    else if (token.kind === 'string' || token.kind === 'template') {
      if (!found.has(token)) found.set(token, 'text');
    } else if (token.kind === 'word') {
      const specifier = specifierOf(all, i);
      if (specifier) found.set(specifier.token, specifier.form);
    }
  }
  return [...found].map(([{ text, at }, form]) => ({
    form,
    specifier: text,
    line: source.slice(0, at).split('\n').length,
  }));
}

type Specifier = { token: Token; form: Reference['form'] } | undefined;

function specifierOf(all: Token[], i: number): Specifier {
  const says = (at: number, ...texts: string[]) =>
    texts.every((text, offset) => isCode(all[at + offset]) && all[at + offset]!.text === text);

  if (says(i, 'require')) {
    for (const call of [['('], ['?', '.', '('], ['.', 'resolve', '(']]) {
      if (says(i + 1, ...call)) return argument(all, i + 1 + call.length);
    }
  } else if (says(i, 'import')) {
    if (all[i + 1]?.kind === 'string') return { token: all[i + 1]!, form: 'import' };
    if (says(i + 1, '(')) return argument(all, i + 2);
    if (says(i + 1, '.', 'meta', '.', 'resolve', '(')) return argument(all, i + 6);
    if (says(i + 1, '.') && says(i + 3, '(')) return argument(all, i + 4); // import.defer('…'), import.source('…')
    return clause(all, i + 1);
  } else if (says(i, 'export')) {
    const start = says(i + 1, 'type') ? i + 2 : i + 1;
    if (says(start, '{') || says(start, '*')) return clause(all, i + 1);
  }
  return undefined;
}

/** What stands between `import` or `export` and `from '…'`, which decides whether it is erased. */
function clause(all: Token[], start: number): Specifier {
  for (let i = start; isCode(all[i]) || all[i]?.kind === 'string'; i += 1) {
    const { kind, text } = all[i]!;
    const next = all[i + 1];
    if (kind === 'word' && text === 'from' && next?.kind === 'string') {
      // In `import type from '…'` and `import type, { x } from '…'` it is a name.
      const erased = all[start]!.text === 'type' && i > start + 1 && all[start + 1]!.text !== ',';
      return { token: next, form: erased ? 'type' : 'import' };
    }
    if (kind === 'word' ? /^(?:import|export)$/.test(text) : kind === 'mark' && !/^[{},*]$/.test(text)) break;
  }
  return undefined;
}

function argument(all: Token[], i: number): Specifier {
  const token = all[i];
  if (token === undefined) return undefined;
  const alone = all[i + 1]?.kind === 'mark' && /^[),]$/.test(all[i + 1]!.text);
  return { token, form: token.kind === 'string' && alone ? 'import' : 'computed' };
}

const isCode = (token: Token | undefined) => token?.kind === 'word' || token?.kind === 'mark';
