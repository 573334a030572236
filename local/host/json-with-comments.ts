/**
 * Parses JSON that may hold comments and trailing commas, as host.json and local.settings.json may.
 * @throws SyntaxError whose place is that in the text
 */
export function parseJsonWithComments(text: string): unknown {
  const bare = text
    // Strings are matched first, so that what looks like a comment inside one stays.
    .replace(
      /("(?:\\.|[^"\\])*")|\/\/[^\r\n]*|\/\*[^]*?\*\//g,
      (comment, string?: string) => string ?? blank(comment),
    )
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? ' ');
  return JSON.parse(bare);
}

/** As long as the text, with the same lines. */
const blank = (text: string) => text.replace(/[^\r\n]/g, ' ');

/** ` (line 3 column 5)`, where the parser's message has it. */
export const placeIn = (fault: unknown): string =>
  / \(line \d+ column \d+\)$/.exec((fault as SyntaxError).message)?.[0] ?? '';
