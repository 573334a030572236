import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { rows, send } from './inspected.ts';
import type { Inspected } from './inspected.ts';

export const theList = (shared: () => Inspected) =>
  describe('the list of the page', () => {
    let inspected: Inspected;
    let page: Page;
    beforeAll(async () => {
      inspected = shared();
      page = await inspected.open();
    });

    test('says that nothing has come yet, and what to do', async () => {
      await expect.poll(() => page.locator('.list .empty').innerText()).toContain('Nothing has come in yet');
    });

    test('shows a played call live, the newest first', async () => {
      await send(page, 'incoming-call');
      const types = () => page.locator('.deliveries .event').allInnerTexts();
      await expect
        .poll(async () => (await types()).join(' '))
        .toMatch(
          /IncomingCall .*CallDisconnected .*PlayCompleted .*CallConnected .*IncomingCall .*incoming-call$/,
        );
    });

    test('filters by verdict, by provider and by text, and counts', async () => {
      await send(page, 'key-missing');
      const search = page.getByLabel('Filter by text');
      const verdicts = async () => [...new Set(await page.locator('.deliveries .badge').allInnerTexts())];
      await page.locator('.segments').getByText('rejected').click();
      await expect.poll(verdicts).toEqual(['rejected']);
      await page.locator('.segments').getByText('accepted').click();
      await expect.poll(verdicts).toEqual(['accepted']);
      const accepted = await page
        .locator('.segments label', { hasText: 'accepted' })
        .locator('.number')
        .innerText();
      expect(await rows(page).count()).toBe(Number(accepted));
      await page.locator('.segments').getByText('all').click();

      await page.getByLabel('Provider').selectOption('event-grid');
      const providers = async () => [...new Set(await page.locator('.deliveries .provider').allInnerTexts())];
      await expect.poll(providers).toEqual(['Event Grid']);
      await page.getByLabel('Provider').selectOption('');

      await search.fill('callback-key-missing');
      await expect.poll(() => rows(page).count()).toBe(1);
      await search.fill('no such thing');
      await page.getByRole('button', { name: 'Clear the filter' }).click();
      await expect.poll(() => rows(page).count()).toBeGreaterThan(4);
    });

    test('waits while it is paused, and says how much is new', async () => {
      const before = await rows(page).count();
      await page.getByRole('button', { name: 'Pause' }).click();
      await send(page, 'key-missing');
      await page.getByRole('button', { name: 'Resume (1 new)' }).waitFor();
      expect(await rows(page).count()).toBe(before);
      await page.getByRole('button', { name: 'Resume' }).click();
      await expect.poll(() => rows(page).count()).toBe(before + 1);
    });
  });
