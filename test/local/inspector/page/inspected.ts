import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { rehearse } from '../../../support/rehearse.ts';
import { launch } from './chromium.ts';
import { watch } from './watched.ts';
import type { Seen } from './watched.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const { PATH } = process.env;
const output = path.join(root, 'test-output');

export const wide = { viewport: { width: 1440, height: 900 } } as const;
export const phone = { viewport: { width: 360, height: 740 }, hasTouch: true } as const;

/**
 * `npm start` in this process, and its page in a real browser.
 *
 * @param handlers folders of handlers
 */
export async function startInspected(handlers?: readonly string[]) {
  const [played, browser] = await Promise.all([rehearse({ PATH }, handlers), launch()]);
  const seen: Seen[] = [];

  return {
    ...played,
    /** Of every page that was open. */
    seen,
    async open(options: BrowserContextOptions = wide, hash = ''): Promise<Page> {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      seen.push(await watch(page));
      await page.goto(`${played.page}${hash}`);
      await page.locator('.app[data-app=running]').waitFor();
      return page;
    },
    async stop(): Promise<void> {
      await browser.close();
      await played.stop();
    },
  };
}

export type Inspected = Awaited<ReturnType<typeof startInspected>>;

/** Kept as the output of the run, to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(output, { recursive: true });
  await page.screenshot({ path: path.join(output, `${name}.png`) });
}

/** The pictures of the documents change only when somebody wants them to: UPDATE_PICTURES=1. */
export async function documentsPicture(page: Page, name: string): Promise<void> {
  // Small enough for the documents.
  await page.setViewportSize({ width: 1240, height: 680 });
  await picture(page, name);
  if (process.env.UPDATE_PICTURES) await page.screenshot({ path: path.join(root, 'docs', `${name}.png`) });
}

export const rows = (page: Page) => page.locator('.deliveries tr[data-id]');
export const opened = (page: Page) => page.locator('article[data-view=delivery]');

/** Sends one delivery from the page, by its name, and waits until it opens. */
export async function send(page: Page, name: string): Promise<void> {
  const before = await choose(page, name);
  await page.locator(`article[data-view=delivery]:not([data-delivery="${before}"])`).waitFor();
}

/** Plays a whole call from the page, by its name, and waits until it opens. */
export async function playCall(page: Page, name: string): Promise<void> {
  await choose(page, name);
  await page.locator('article[data-view=call] .step').first().waitFor();
}

/** Returns the number of the delivery that was open. */
async function choose(page: Page, name: string): Promise<string> {
  const before = await page.evaluate(() => {
    const id = document.querySelector<HTMLElement>('article[data-view=delivery]')?.dataset.delivery;
    location.hash = '#send';
    return id ?? '';
  });
  await page.getByLabel('Find something to send').fill(name);
  await page.locator(`.choice[data-name="${name}"]`).click();
  return before;
}
