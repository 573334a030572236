import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { scenarios } from '../../../../local/scenarios/play.ts';
import { documentsPicture, opened, phone, picture, rows, send, wide } from './inspected.ts';
import type { Inspected } from './inspected.ts';

/** What the pictures show. */
const lookedAt = [
  'key-expired',
  'archive',
  'vonage-hash-empty',
  'CallConnected',
  'audience-of-another-customer',
];

export const inTheHand = (shared: () => Inspected) =>
  describe("the page in somebody's hands", () => {
    let inspected: Inspected;
    beforeAll(async () => {
      inspected = shared();
      for (const played of ['streamed-call', 'incoming-call']) {
        const scenario = scenarios.find(({ name }) => name === played);
        await scenario?.play({ ...inspected.context, onRow: () => {}, onNote: () => {} });
      }
      const page = await inspected.open();
      for (const name of lookedAt) await send(page, name);
    });

    test('does all by keyboard alone: sends a forgery, opens it, reads the failed check, replays, returns', async () => {
      const page = await inspected.open();
      await page.keyboard.press('s');
      await typed(page, 'key-missing');
      await tabTo(page, '.choice[data-name=key-missing]');
      await page.keyboard.press('Enter');
      await opened(page).waitFor();
      const id = await opened(page).getAttribute('data-delivery');
      expect(await focused(page)).toMatch(/^key-missing/);
      await page.locator(`tr[data-id="${id}"]`).waitFor();

      await page.keyboard.press('Escape');
      await opened(page).waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe(id);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      await opened(page).waitFor();
      expect(await opened(page).locator('.check.rejected').innerText()).toMatch(/callback key\s+failed/i);
      expect(await opened(page).locator('.check.rejected .why').innerText()).toContain(
        'callback-key-missing',
      );

      await tabTo(page, '.replay button:first-of-type');
      await page.keyboard.press('Space');
      await page.locator(`article[data-view=delivery]:not([data-delivery="${id}"])`).waitFor();
      expect(await opened(page).locator('.over').innerText()).toContain(`replay of delivery ${id}`);
      await page.keyboard.press('Escape');
      await opened(page).waitFor({ state: 'detached' });

      await page.keyboard.press('/');
      await typed(page, 'sent again');
      await expect.poll(() => rows(page).count()).toBe(1);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.locator('dialog[open]').waitFor();
      await picture(page, 'keys');
    });

    test('opens the same when it is loaded again', async () => {
      const page = await inspected.open();
      await rows(page).first().click();
      await opened(page).waitFor();
      const id = await opened(page).getAttribute('data-delivery');
      await page.reload();
      await opened(page).waitFor();
      expect(await opened(page).getAttribute('data-delivery')).toBe(id);
    });

    test('fits a phone of 360 pixels, whatever is open', async () => {
      const page = await inspected.open(phone);
      const fits = async (name: string) => {
        expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, 360]);
        await picture(page, `phone-${name}`);
      };
      await rows(page).first().waitFor();
      await fits('list');
      await rows(page).first().click();
      await opened(page).waitFor();
      await fits('delivery');
      await page.getByRole('link', { name: 'Send' }).click();
      await page.locator('article[data-view=send]').waitFor();
      await fits('send');
      await page.getByRole('link', { name: 'Calls' }).click();
      await wholeCall(page).click();
      await page.locator('article[data-view=call] .step').first().waitFor();
      await fits('call');
    });

    test.each(['light', 'dark'] as const)('has its pictures taken in %s', async (colorScheme) => {
      const page = await inspected.open({ ...wide, colorScheme });
      await rows(page).first().waitFor();
      await picture(page, `${colorScheme}-send`);
      await rows(page).filter({ hasText: 'audience-of' }).first().click();
      await opened(page).waitFor();
      await picture(page, `${colorScheme}-refusal`);
      await page.getByRole('link', { name: 'Calls' }).click();
      await wholeCall(page).click();
      await page.locator('article[data-view=call] .step').first().waitFor();
      await picture(page, `${colorScheme}-call`);
      await page.locator('.step .type').first().click();
      await opened(page).waitFor();
      await picture(page, `${colorScheme}-accepted`);
      await rows(page).filter({ hasText: 'audience-of' }).first().click();
      await opened(page).getByText('token-audience').first().waitFor();
      await documentsPicture(page, `inspector-${colorScheme}`);
    });
  });

/** The link to a call that was played as a whole. */
const wholeCall = (page: Page) =>
  page
    .locator('.calls li', { has: page.locator('.muted', { hasText: /^[5-9] deliveries/ }) })
    .locator('a')
    .last();

async function typed(page: Page, text: string): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.matches('input[type=search]'));
  await page.keyboard.type(text);
}

async function tabTo(page: Page, selector: string): Promise<void> {
  const isThere = () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  for (let tabs = 0; tabs < 30 && !(await isThere()); tabs += 1) await page.keyboard.press('Tab');
  expect(await isThere(), selector).toBe(true);
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? '');
}
