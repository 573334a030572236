/**
 * Parses JSON that may hold comments and trailing commas, as host.json and local.settings.json may.
 * @throws SyntaxError
 */
export function parseJsonWithComments(text: string): unknown {
  const bare = text
    // Strings are matched first, so that what looks like a comment inside one stays.
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\r\n]*|\/\*[^]*?\*\//g, (_, string?: string) => string ?? ' ')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? '');
  return JSON.parse(bare);
}
