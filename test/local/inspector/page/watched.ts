import type { Page } from 'playwright-core';

export type Seen = {
  /** What the browser complained about, a violation of the content security policy among it. */
  readonly complaints: readonly string[];
  /** All that went over the network and to the console: addresses, headers, bodies, events. */
  readonly told: readonly string[];
};

/** Listens to a page: to its console, and to every byte between it and `npm start`. */
export async function watch(page: Page): Promise<Seen> {
  const complaints: string[] = [];
  const told: string[] = [];
  page.on('console', (message) => {
    told.push(message.text());
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('request', (request) => told.push(request.url(), request.postData() ?? ''));
  page.on('response', async (response) => {
    told.push(JSON.stringify(response.headers()));
    if (response.headers()['content-type']?.startsWith('text/event-stream')) return;
    // The one answer with secrets, which are those of the fakes: the user asks for it, to run it.
    if (response.url().endsWith('/curl')) return;
    // A page that goes away takes its answers with it.
    told.push(await response.text().catch(() => ''));
  });
  const devtools = await page.context().newCDPSession(page);
  devtools.on('Network.eventSourceMessageReceived', ({ data }) => told.push(data));
  await devtools.send('Network.enable');
  return { complaints, told };
}
