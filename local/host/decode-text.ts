/**
 * The text of a file: UTF-8, or UTF-16 by its byte order mark, as Windows PowerShell writes what a program prints
 * (`az … > app.json`). The mark itself is left out.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}
