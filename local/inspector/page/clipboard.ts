/** @throws Error with a sentence for the user */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    throw new Error('The browser does not let the page copy.');
  }
}
