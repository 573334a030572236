/** `template`: the text before the first `${`; `unreadable`: the scanner lost its way, and what follows proves nothing. */
export type Token = {
  kind: 'word' | 'mark' | 'string' | 'template' | 'reference' | 'unreadable';
  text: string;
  at: number;
};

/**
 * TypeScript cut into words, strings and single marks, without comments (TypeScript 7 has no parser to call). Where
 * the grammar is ambiguous for a scanner, a slash above all, it keeps to one line, so a wrong guess cannot swallow the
 * imports of the next.
 */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  /** An open `{`, or the `${` of a template to go on with at the matching `}`. */
  const open: ('{' | '${')[] = [];
  /** For each open parenthesis: whether what follows its end is a statement, as after `if (…)`. */
  const heads: boolean[] = [];
  let afterHead = false;
  let at = source.startsWith('#!') ? endOfLine(source, 0) : 0;

  const add = (kind: Token['kind'], text: string, end: number) => {
    found.push({ kind, text, at });
    at = end;
  };
  const template = (from: number, head: boolean) => {
    const end = /(?:[^\\`$]|\\[^]|\$(?!\{))*/y;
    end.lastIndex = from;
    const text = unescaped(end.exec(source)![0]);
    const stop = source.slice(end.lastIndex, end.lastIndex + 2);
    if (stop.startsWith('`')) return add(head ? 'string' : 'mark', head ? text : '`', end.lastIndex + 1);
    if (stop !== '${') return add('unreadable', 'a template that does not end', source.length);
    open.push('${');
    add(head ? 'template' : 'mark', head ? text : '${', end.lastIndex + 2);
  };

  while (at < source.length) {
    const char = source[at]!;
    const last = found.at(-1);
    if (/\s/.test(char)) at += 1;
    else if (source.startsWith('//', at)) {
      const end = endOfLine(source, at);
      const path = /^\/\/\/\s*<reference\s+path\s*=\s*["']([^"']*)/.exec(source.slice(at, end))?.[1];
      if (path === undefined) at = end;
      // Unlike an import, it is relative without saying so.
      else add('reference', path.startsWith('.') ? path : `./${path}`, end);
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end === -1) add('unreadable', 'a comment that does not end', source.length);
      else at = end + 2;
    } else if (char === "'" || char === '"') {
      const whole = match(
        char === "'" ? /'((?:[^'\\\n\r]|\\[^])*)'/y : /"((?:[^"\\\n\r]|\\[^])*)"/y,
        source,
        at,
      );
      if (whole) add('string', unescaped(whole[1]!), at + whole[0].length);
      else add('unreadable', 'a string that does not end', endOfLine(source, at));
    } else if (char === '`') template(at + 1, true);
    else if (char === '}' && open.pop() === '${') template(at + 1, false);
    else if (/[\w$\u0080-\uffff]/.test(char)) add(...wordAt(source, at));
    else if (char === '/' && (afterHead || !endsOperand(last, found.at(-2), source)) && regexAt(source, at)) {
      add('word', '/…/', at + regexAt(source, at)!.length);
    } else {
      if (char === '{') open.push('{');
      if (char === '(') heads.push(last?.kind === 'word' && /^(?:if|while|for|with)$/.test(last.text));
      const closesHead = char === ')' && heads.pop() === true;
      add('mark', char, at + 1);
      afterHead = closesHead;
      continue;
    }
    if (found.at(-1) !== last) afterHead = false;
  }
  if (open.includes('${')) add('unreadable', 'a template that does not end', source.length);
  return found;
}

function endOfLine(source: string, from: number): number {
  const end = source.slice(from).search(/[\n\r]/);
  return end === -1 ? source.length : from + end;
}

function match(sticky: RegExp, source: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(source);
}

function wordAt(source: string, at: number): ['word', string, number] {
  const text = match(/[\w$\u0080-\uffff]+/y, source, at)![0];
  return ['word', text, at + text.length];
}

const regexAt = (source: string, at: number) =>
  match(/\/(?![/*])(?:[^\\/[\n\r]|\\[^\n\r]|\[(?:[^\\\]\n\r]|\\[^\n\r])*\])+\/[a-z]*/y, source, at)?.[0];

const BEFORE_EXPRESSION =
  /^(?:return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|yield|await|default|extends|as|satisfies)$/;

/** Whether a slash after this divides. A block's `}` is taken for the end of a statement, `x++` for an operand. */
function endsOperand(last: Token | undefined, before: Token | undefined, source: string): boolean {
  if (last === undefined) return false;
  if (last.kind === 'word') return !BEFORE_EXPRESSION.test(last.text);
  if (last.kind !== 'mark') return last.kind === 'string';
  // `x!`, as against `!/y/`.
  if (last.text === '!') return endsOperand(before, undefined, source);
  if (/^[+-]$/.test(last.text)) return before?.text === last.text && source[last.at - 1] === last.text;
  return /^[)\]`]$/.test(last.text);
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|\r?\n|([^]))/gi,
    (_, point?: string, unit?: string, byte?: string, char?: string) => {
      const code = Number.parseInt(point ?? unit ?? byte ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : (char ?? '');
    },
  );
}
