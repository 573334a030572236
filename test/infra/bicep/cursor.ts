import { BicepError } from './syntax.ts';

export type Cursor = ReturnType<typeof cursorOf>;

/** Walks over the text of a file. White space within a line and comments are passed over; the end of a line counts. */
export function cursorOf(source: string) {
  let at = 0;

  function fail(message: string): never {
    throw new BicepError(`${message}, line ${source.slice(0, at).split('\n').length}`);
  }

  /** @returns what matches here, and goes past it */
  function match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = at;
    const found = sticky.exec(source)?.[0];
    at += found?.length ?? 0;
    return found;
  }

  function blanks(): void {
    while (match(/[ \t\r]+|\/\/[^\n]*|\/\*/) !== undefined) {
      if (source.slice(at - 2, at) === '/*' && match(/[^]*?\*\//) === undefined) fail('a comment has no end');
    }
  }

  function lines(): boolean {
    const before = at;
    do blanks();
    while (match(/\n/) !== undefined);
    return source.slice(before, at).includes('\n');
  }

  return {
    at: () => at,
    isAtEnd: () => at >= source.length,
    fail,
    match,
    blanks,
    /** Passes over ends of lines too; whether there was one. */
    lines,
    /** Whether this comes next in the line; if so, goes past it. */
    takes(mark: string): boolean {
      blanks();
      if (!source.startsWith(mark, at)) return false;
      at += mark.length;
      return true;
    },
    expects(mark: string): void {
      blanks();
      if (!source.startsWith(mark, at)) fail(`expected ${mark}`);
      at += mark.length;
    },
    /** The word that comes next, without going past it. */
    word(): string | undefined {
      blanks();
      const before = at;
      const found = match(/[A-Za-z_]\w*/);
      at = before;
      return found;
    },
    identifier(): string {
      blanks();
      return match(/[A-Za-z_]\w*/) ?? fail('expected a name');
    },
    /** Tries what may fail, and comes back here if it does. */
    tries<T>(attempt: () => T): T | undefined {
      const before = at;
      try {
        return attempt();
      } catch (error) {
        if (!(error instanceof BicepError)) throw error;
        at = before;
        return undefined;
      }
    },
  };
}
