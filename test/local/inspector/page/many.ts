import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { rows } from './inspected.ts';
import type { Inspected } from './inspected.ts';

const MANY = 10_000;

/** Last of all, since they push out what came before. */
export const manyDeliveries = (shared: () => Inspected) =>
  describe('ten thousand deliveries', () => {
    let page: Page;
    beforeAll(async () => {
      const { recorder, open } = shared();
      page = await open();
      for (let number = 0; number < MANY; number += 1) {
        const delivery = recorder.begin({
          method: 'POST',
          target: `/api/nowhere/${number}`,
          headers: [],
          upgrade: false,
        });
        recorder.arrived(delivery, Buffer.alloc(0), 0);
        recorder.answered(delivery, 404, 1);
      }
    });

    test('are all in the list, of which only so much is drawn', async () => {
      const all = page.locator('.segments label', { hasText: 'all' }).locator('.number');
      await expect.poll(() => all.innerText()).toBe('10,000');
      expect(await rows(page).count()).toBe(200);
      expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(6000);
      await page.getByRole('button', { name: 'Show 200 more' }).click();
      await expect.poll(() => rows(page).count()).toBe(400);
    });

    test('answer while somebody types into the filter', async () => {
      await page.getByLabel('Filter by text').pressSequentially('nowhere/9876');
      await expect.poll(() => rows(page).count()).toBe(1);
      await page.getByLabel('Filter by text').fill('');
      await expect.poll(() => rows(page).count()).toBe(200);
    });

    test('are no more than that when a page is opened on them', async () => {
      const other = await shared().open();
      const all = other.locator('.segments label', { hasText: 'all' }).locator('.number');
      await expect.poll(() => all.innerText()).toBe('10,000');
    });
  });
