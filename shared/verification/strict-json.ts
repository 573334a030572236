import { reject } from '../errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

// `ignoreBOM` keeps a byte order mark in the text, which JSON.parse then rejects.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether an optional member says nothing: many serializers write null or '' where nothing is set. */
export const isUnset = (value: unknown) => value === undefined || value === null || value === '';

/** Whether a value of JSON is an object. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Decodes UTF-8. @throws TypeError where the bytes are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/**
 * Parses a JSON object in UTF-8 in which no member name occurs twice, at any depth. JSON.parse takes the last of two
 * equal names and other parsers the first, so a checked value could differ from what another reader sees.
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
  if (!isObject(value)) reject('token-not-json');
  if (hasDuplicateMember(text)) reject('token-duplicate-member');
  return value;
}

/** @param validJson text that JSON.parse has accepted, so that only strings and punctuation need a look */
export function hasDuplicateMember(validJson: string): boolean {
  const scopes: Set<string>[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = tokens.exec(validJson); match; match = tokens.exec(validJson)) {
    const [token] = match;
    if (token === '{' || token === '[') scopes.push(new Set());
    else if (token === '}' || token === ']') scopes.pop();
    else if (isFollowedByColon(validJson, tokens.lastIndex)) {
      // Escapes give one name several spellings.
      const name = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      const scope = scopes.at(-1);
      if (scope?.has(name)) return true;
      scope?.add(name);
    }
  }
  return false;
}

function isFollowedByColon(text: string, from: number): boolean {
  let index = from;
  while (' \t\r\n'.includes(text.charAt(index)) && index < text.length) index++;
  return text.charAt(index) === ':';
}
