import { reject } from './check.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

// `ignoreBOM` keeps a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes to text; throws a TypeError where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/**
 * A JSON object in UTF-8 in which no member name occurs twice, at any depth. JSON.parse takes the last of two equal
 * names and other parsers the first, so what is checked here need not be what another reader sees.
 */
export function strictJsonObject(bytes: Uint8Array): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = decodeUtf8(bytes);
    value = JSON.parse(text);
  } catch {
    reject('token-not-json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) reject('token-not-json');
  if (!isCompact(text, value) && hasDuplicateMember(text)) reject('token-duplicate-member');
  return value as JsonObject;
}

/**
 * Whether a text is as JSON.stringify writes its value. Then each name is in it once, since a value keeps one of two equal
 * names and its text would be shorter. Most tokens are, and need not be searched, which takes three times as long.
 */
function isCompact(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // Nested too deep for it, which JSON.parse and the search are not.
    return false;
  }
}

/** Works on text that JSON.parse has accepted, so that strings and punctuation are all there is to look at. */
export function hasDuplicateMember(validJson: string): boolean {
  const scopes: Set<string>[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = tokens.exec(validJson); match; match = tokens.exec(validJson)) {
    const [token] = match;
    if (token === '{' || token === '[') scopes.push(new Set());
    else if (token === '}' || token === ']') scopes.pop();
    else if (followedByColon(validJson, tokens.lastIndex)) {
      // Two spellings of one name are one name.
      const name = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      const scope = scopes.at(-1);
      if (scope?.has(name)) return true;
      scope?.add(name);
    }
  }
  return false;
}

function followedByColon(text: string, from: number): boolean {
  let index = from;
  while (' \t\r\n'.includes(text.charAt(index)) && index < text.length) index++;
  return text.charAt(index) === ':';
}
