import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { isTried, withBrowser } from './chromium.ts';
import { opened, picture, rows, startInspected } from './inspected.ts';
import type { Inspected } from './inspected.ts';

type Told = {
  readonly name: string;
  readonly expected: string;
  readonly reason: string;
  readonly asExpected: string | undefined;
  readonly failed: readonly (string | undefined)[];
};

describe.skipIf(!isTried)(`what can be sent and disturbed from the page${withBrowser}`, () => {
  let inspected: Inspected;
  let page: Page;
  beforeAll(async () => {
    inspected = await startInspected();
    page = await inspected.open();
  });
  afterAll(() => inspected?.stop());

  test('every forgery has a button, which shows its reason and the check that it failed', async () => {
    const told = await page.evaluate(clickThroughForgeries);
    expect(told.length).toBeGreaterThan(200);
    expect(new Set(told.map(({ name }) => name)).size).toBe(told.length);
    for (const { name, expected, reason, asExpected, failed } of told) {
      expect({ name, reason, asExpected }).toEqual({
        name,
        reason: expected.split(', ')[0],
        asExpected: 'true',
      });
      if (expected.endsWith('401')) expect(failed, name).toHaveLength(1);
    }
    expect(told.find(({ name }) => name === 'key-missing')?.failed).toEqual(['callback-key']);
  }, 60_000);

  test.each(['keys', 'vault', 'ledger'])(
    'an outage of the %s turns deliveries to 503, and back',
    async (part) => {
      const toggle = page.locator(`[data-outage=${part}]`);
      await toggle.click();
      await expect.poll(() => toggle.getAttribute('aria-pressed')).toBe('true');
      await expect.poll(() => page.locator('.notice.outage').isVisible()).toBe(true);
      expect(await statusOfGenuine(page)).toBe('503');
      await picture(page, `outage-${part}`);
      await toggle.click();
      await expect.poll(() => toggle.getAttribute('aria-pressed')).toBe('false');
      await expect.poll(() => statusOfGenuine(page), { timeout: 15_000 }).toBe('200');
    },
    40_000,
  );
});

/** Sends a genuine event from the page and reads from its row what was answered. */
async function statusOfGenuine(page: Page): Promise<string> {
  await page.evaluate(() => (location.hash = '#send'));
  await page.locator('.choice.genuine[data-name=CallConnected]').click();
  const view = opened(page);
  await view.waitFor();
  const id = await view.getAttribute('data-delivery');
  return rows(page)
    .and(page.locator(`[data-id="${id}"]`))
    .locator('.status')
    .innerText();
}

/** In the page: clicks each button, waits for what it opens, and reads it. */
async function clickThroughForgeries(): Promise<Told[]> {
  const told: Told[] = [];
  let last = '';
  for (const choice of document.querySelectorAll<HTMLElement>('.choice.forged')) {
    choice.click();
    const view = await new Promise<HTMLElement>((resolve) => {
      const look = () => {
        const found = document.querySelector<HTMLElement>('article[data-view=delivery]');
        if (!found || found.dataset.delivery === last || !found.querySelector('.expected'))
          return setTimeout(look, 1);
        last = found.dataset.delivery ?? '';
        return resolve(found);
      };
      look();
    });
    told.push({
      name: choice.dataset.name ?? '',
      expected: choice.querySelector('.then')?.textContent ?? '',
      reason: view.querySelector('.outcome .reason')?.textContent ?? '',
      asExpected: view.querySelector<HTMLElement>('.expected')?.dataset.asExpected,
      failed: [...view.querySelectorAll<HTMLElement>('.check.rejected')].map(({ dataset }) => dataset.check),
    });
  }
  return told;
}
