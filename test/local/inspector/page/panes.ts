import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { opened, picture, playCall, rows, send } from './inspected.ts';
import type { Inspected } from './inspected.ts';
import { faultsOfLayout } from './layout.ts';

/** Tall enough for a whole pane, since what is scrolled away cannot be seen to overlap. */
const HEIGHT = 2400;
/** Desktop, tablet and phone, in pixels. */
export const widths = [1280, 800, 360];

type Pane = { readonly name: string; readonly open: (page: Page) => Promise<void> };

async function openDelivery(page: Page, id: number): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#delivery/${id}`);
  await page.locator(`article[data-delivery="${id}"]`).waitFor();
}

async function openView(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator(`.rooms[data-at=${/\w+/.exec(hash)?.[0]}]`).waitFor();
}

/** Every pane, looked at as a reader does: no text over another, and none beside its place. */
export const everyPane = (shared: () => Inspected) =>
  describe('every pane of the page', () => {
    let inspected: Inspected;
    const ids: Record<string, number> = {};
    let call = '';

    beforeAll(async () => {
      inspected = shared();
      const page = await inspected.open();
      for (const name of [
        'IncomingCall',
        'key-expired',
        'archive',
        'media-socket',
        'audience-of-another-customer',
      ]) {
        await send(page, name);
        ids[name] = Number(await opened(page).getAttribute('data-delivery'));
      }
      await page.getByRole('button', { name: 'As it was' }).click();
      await opened(page).getByText('sent again').first().waitFor();
      for (const name of ['incoming-call', 'streamed-call']) await playCall(page, name);
      call = await page.evaluate(() => location.hash);
      const { recorder } = inspected;
      const withLog = recorder.get(ids['IncomingCall'] ?? 0)!;
      for (const level of ['information', 'warning', 'error', 'critical'])
        recorder.note(
          withLog,
          level,
          `${level}: a message that is longer than a line, ${'and goes on, '.repeat(20)}`,
        );
      recorder.note(withLog, 'error', 'x'.repeat(500));
      const played = recorder.begin({
        method: 'POST',
        target: `/api/${'long/'.repeat(60)}`,
        headers: [],
        upgrade: false,
      });
      recorder.answered(played, 401, 12_345.6);
      recorder.label(played.id, {
        sent: 'a-forgery-with-a-name-that-is-longer-than-its-column-is-wide',
        played: true,
      });
    });

    const panes: readonly Pane[] = [
      {
        name: 'list',
        async open(page) {
          await page.locator('.fold').click();
          await rows(page).last().waitFor();
        },
      },
      ...['IncomingCall', 'key-expired', 'archive', 'media-socket', 'audience-of-another-customer'].map(
        (name) => ({
          name,
          async open(page: Page) {
            await openDelivery(page, ids[name] ?? 0);
            // All that folds is open.
            await page.evaluate(() => {
              for (const fold of document.querySelectorAll<HTMLDetailsElement>('article details'))
                fold.open = true;
            });
          },
        }),
      ),
      {
        name: 'editor',
        async open(page) {
          await openDelivery(page, ids['archive'] ?? 0);
          await page.getByRole('button', { name: 'Edit body…' }).click();
        },
      },
      {
        name: 'handled before',
        async open(page) {
          await openDelivery(page, ids['IncomingCall'] ?? 0);
          await page.getByRole('button', { name: 'Signed anew' }).click();
          await opened(page).getByText('did not run again').waitFor();
        },
      },
      { name: 'no longer kept', open: (page) => openView(page, '#delivery/999999') },
      { name: 'calls', open: (page) => openView(page, '#calls') },
      {
        name: 'call',
        async open(page) {
          await openView(page, call);
          await page.locator('.step').first().waitFor();
        },
      },
      {
        name: 'send',
        async open(page) {
          await openView(page, '#send');
          await page.getByLabel('Find something to send').fill('a');
        },
      },
      {
        name: 'nothing found',
        async open(page) {
          await page.evaluate(() => (location.hash = '#deliveries'));
          await page.getByLabel('Filter by text').fill('no such thing');
          await page.getByText('No delivery fits the filter.').waitFor();
        },
      },
      {
        name: 'keys',
        async open(page) {
          await page.getByRole('button', { name: 'Keyboard' }).click();
          await page.locator('dialog[open]').waitFor();
        },
      },
    ];

    test.each(widths)('has no text over another and none beside its place at %i pixels', async (width) => {
      const faults: string[] = [];
      const page = await inspected.open({ viewport: { width, height: HEIGHT } });
      await rows(page).first().waitFor({ state: 'attached' });
      for (const { name, open } of panes) {
        await open(page);
        faults.push(...(await page.evaluate(faultsOfLayout)).map((fault) => `${name}: ${fault}`));
        await picture(page, `pane-${width}-${name.replaceAll(' ', '-')}`);
      }
      expect(faults).toEqual([]);
    });

    test('the same holds during an outage', async () => {
      const pages = await Promise.all(
        widths.map((width) => inspected.open({ viewport: { width, height: HEIGHT } })),
      );
      const [page] = pages;
      const toggle = page!.locator('[data-outage=ledger]');
      await toggle.click();
      for (const one of pages) {
        await one.locator('.notice.outage').waitFor();
        expect(await one.evaluate(faultsOfLayout)).toEqual([]);
      }
      await toggle.click();
      await page!.locator('.notice.outage').waitFor({ state: 'hidden' });
    });
  });
