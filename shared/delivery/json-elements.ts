import { decodeUtf8 } from '../verification/strict-json.ts';

/** The elements of a JSON array, or the one value that is there instead; `undefined` where it is no JSON in UTF-8. */
export function jsonElements(body: Uint8Array): readonly unknown[] | undefined {
  try {
    const document: unknown = JSON.parse(decodeUtf8(body));
    return Array.isArray(document) ? document : [document];
  } catch {
    return undefined;
  }
}
