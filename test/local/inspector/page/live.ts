import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { opened, playCall, rows, send } from './inspected.ts';
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

    test('shows a whole call live, the newest first, and opens it under the name of its caller', async () => {
      await playCall(page, 'incoming-call');
      expect(await page.locator('article[data-view=call] h2').innerText()).toMatch(/^From Ada Caller/);
      const types = () => page.locator('.deliveries .event').allInnerTexts();
      await expect
        .poll(async () => (await types()).join(' '))
        .toMatch(
          /IncomingCall .*CallDisconnected .*PlayCompleted .*CallConnected .*IncomingCall SubscriptionValidationEvent$/,
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

    test('says of a repeat that the handler did not run again', async () => {
      await rows(page)
        .filter({ hasText: 'IncomingCall' })
        .filter({ hasText: 'handled-before' })
        .first()
        .click();
      await opened(page).getByText('your handler did not run again').waitFor();
      await page.locator('.replay').getByRole('button', { name: 'As a new event' }).click();
      await opened(page).getByText('IncomingCall, as a new event').waitFor();
      expect(await opened(page).locator('.outcome').innerText()).toMatch(/accepted\s+handled\s+status 200/);
      expect(await opened(page).getByText('did not run again').count()).toBe(0);
    });

    test('copies what the fakes sent as a command that a shell runs', async () => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy as curl' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const command = await page.evaluate(() => navigator.clipboard.readText());
      const { stdout } = await promisify(execFile)('sh', ['-c', command]);
      expect(stdout).toMatch(/^HTTP\/1\.1 200 /);
    });

    test('shows in red, counts and filters what was verified and failed, in its call too', async () => {
      const { recorder } = inspected;
      const known = recorder.after(0).find(({ caller }) => caller !== undefined)!;
      const { method, target, headers, upgrade, body, bytes } = known;
      const delivery = recorder.begin({ method, target, headers, upgrade });
      recorder.arrived(delivery, body!, bytes);
      recorder.answered(delivery, 500, 1, { headers: [], body: Buffer.alloc(0) });
      recorder.entry(delivery, {
        ...known.entry!,
        reason: 'handler-threw',
        outcomes: { 'handler-threw': 1 },
      });
      await page.locator('.segments').getByText('failed').click();
      await expect.poll(() => page.locator('.deliveries .badge').allInnerTexts()).toEqual(['failed']);
      const number = page.locator('.segments label', { hasText: 'failed' }).locator('.number');
      expect(await number.innerText()).toBe('1');
      expect(await rows(page).innerText()).toMatch(/handler-threw/);
      await page.locator('.segments').getByText('all').click();
      await page.getByRole('link', { name: 'Calls' }).click();
      const call = page.locator('.calls li', { hasText: 'Ada Caller' }).filter({ hasText: 'failed' });
      await call.getByText(/ 1 of \d+ deliveries/).waitFor();
      await call.locator('a').click();
      await page.locator('article[data-view=call] .step.failed').waitFor();
    });

    test('folds the forgeries that npm start played below the rest, by their names, and counts them apart', async () => {
      const { recorder } = inspected;
      const rejected = page.locator('.segments label', { hasText: 'rejected' }).locator('.number');
      const before = [await rows(page).count(), await rejected.innerText()];
      for (const name of ['played-one', 'played-two']) {
        const delivery = recorder.begin({
          method: 'POST',
          target: '/api/events/incoming-call',
          headers: [],
          upgrade: false,
        });
        recorder.answered(delivery, 401, 1);
        recorder.label(delivery.id, { sent: name, played: true });
      }
      const fold = page.locator('.fold');
      await expect.poll(() => fold.innerText()).toBe('2 forgeries that npm start played');
      expect([await rows(page).count(), await rejected.innerText()]).toEqual(before);
      await fold.click();
      await expect
        .poll(async () => (await page.locator('.deliveries .event').allInnerTexts()).slice(-2))
        .toEqual(['played-two', 'played-one']);
      await fold.click();
      await page.getByLabel('Filter by text').fill('played-two');
      await expect.poll(() => rows(page).count()).toBe(1);
      await page.getByLabel('Filter by text').fill('');
      await expect.poll(() => rows(page).count()).toBe(before[0]);
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
