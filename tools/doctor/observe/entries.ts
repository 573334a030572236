type Fields = Readonly<Record<string, unknown>>;

/**
 * Finds the delivery log entries in one line of a log. An entry may stand alone, after a prefix (a time, a level), as a
 * string inside JSON (an export or a query of Application Insights, pretty-printed or not), or with doubled quotes (CSV).
 */
export function deliveryEntriesIn(text: string): readonly Fields[] {
  return forms.flatMap(({ begins, unwrap }) => pieces(text, begins).flatMap((piece) => read(unwrap(piece))));
}

const forms: readonly { readonly begins: string; readonly unwrap: (piece: string) => string | undefined }[] =
  [
    { begins: '{"delivery":', unwrap: (piece) => piece },
    { begins: '{\\"delivery\\":', unwrap: unescaped },
    { begins: '{""delivery"":', unwrap: (piece) => piece.replaceAll('""', '"') },
  ];

/** Splits before each beginning. */
function pieces(text: string, begins: string): string[] {
  return text
    .split(begins)
    .slice(1)
    .map((rest) => begins + rest);
}

/** The text up to the closing quote of the string around it. */
function unescaped(piece: string): string | undefined {
  const inside = /^(?:[^"\\]|\\.)*/.exec(piece)?.[0] ?? '';
  try {
    return String(JSON.parse(`"${inside}"`));
  } catch {
    return undefined;
  }
}

/** The object at the beginning of a text. Anything may follow it. */
function read(text: string | undefined): Fields[] {
  const end = text === undefined ? -1 : endOfObject(text);
  if (text === undefined || end < 0) return [];
  try {
    return [JSON.parse(text.slice(0, end)) as Fields];
  } catch {
    return [];
  }
}

/** The index after the brace that closes the first one, or -1. */
function endOfObject(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') depth++;
    if (token === '}' && --depth === 0) return index + 1;
  }
  return -1;
}
