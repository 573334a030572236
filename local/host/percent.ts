const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes the percent-encoded bytes that make up UTF-8 text and leaves every other `%` as it is, as Kestrel and
 * `Uri.UnescapeDataString` do; `decodeURIComponent` would throw.
 * @param keep characters that stay encoded.
 */
export function percentDecode(text: string, keep = ''): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    let decoded = '';
    for (let at = 0; at < bytes.length;) {
      const [char, length] = readCharacter(bytes.subarray(at));
      decoded += char === undefined || keep.includes(char) ? run.slice(at * 3, (at + length) * 3) : char;
      at += length;
    }
    return decoded;
  });
}

/** The first character and its length in bytes; no character and 1 where the bytes are no UTF-8. */
function readCharacter(bytes: Uint8Array): [string | undefined, number] {
  const lead = bytes[0] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  try {
    return [utf8.decode(bytes.subarray(0, length)), length];
  } catch {
    return [undefined, 1];
  }
}
