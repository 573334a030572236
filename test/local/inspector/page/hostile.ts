import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { post } from '../../../../local/http/request.ts';
import { opened } from './inspected.ts';
import type { Inspected } from './inspected.ts';

const MARKUP = '<img src="/inspector/state" onerror="document.title=1"><script>document.title=2</script>';

export const whatStrangersWrote = (shared: () => Inspected) =>
  describe('what a stranger wrote, on the page', () => {
    let inspected: Inspected;
    let page: Page;
    beforeAll(async () => {
      inspected = shared();
      page = await inspected.open();
    });

    const deliver = async (body: string) => {
      const { headers } = await post({
        url: `${inspected.url}/api/callbacks/call-automation?key=${encodeURIComponent(MARKUP)}`,
        headers: [
          ['content-type', 'application/json'],
          ['x-written', MARKUP],
        ],
        body,
      });
      const id = String(headers['x-ringward-delivery']);
      await page.evaluate((hash) => (location.hash = hash), `#delivery/${id}`);
      await page.locator(`article[data-delivery="${id}"]`).waitFor();
      await opened(page).getByText('x-written').waitFor();
    };

    test('is text wherever it stands, and never markup', async () => {
      await deliver(JSON.stringify([{ type: MARKUP, [MARKUP]: MARKUP, ['__proto__']: { polluted: true } }]));
      expect(await opened(page).innerText()).toContain('onerror=');
      expect(await page.locator('img, main script, [onerror]').count()).toBe(0);
      expect(await page.title()).toBe('Ringward inspector');
      expect(await page.evaluate(() => 'polluted' in {})).toBe(false);
    });

    test.each([
      ['nested fifty thousand deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
      ['of a hundred thousand members', `[${'{},'.repeat(100_000)}{}]`],
      ['of one long text', JSON.stringify('x'.repeat(500_000))],
    ])('draws only as much as can be looked at of a body %s', async (_, body) => {
      await deliver(body);
      await opened(page).locator('.json').waitFor();
      expect(await opened(page).locator('*').count()).toBeLessThan(1000);
      expect((await opened(page).innerText()).length).toBeLessThan(20_000);
    });
  });
