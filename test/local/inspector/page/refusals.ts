import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { providers } from '../../../../local/providers/index.ts';
import { everyForgery } from '../../../support/forgeries.ts';
import { opened, picture, send, wide } from './inspected.ts';
import type { Inspected } from './inspected.ts';

const oneOfEachFamily = providers
  .flatMap(({ forgeries }) => forgeries)
  .flatMap(({ members }) => members.slice(0, 1));

type Told = {
  readonly name: string;
  readonly reason: string;
  readonly asExpected: string | undefined;
  readonly failed: readonly string[];
};

/** Genuine senders' own, as far as the checks can tell: refused by what comes after them. */
const afterChecks: readonly string[] = ['token-reused', 'topic-not-allowed'];

export const whatIsSent = (shared: () => Inspected) =>
  describe('what can be sent and disturbed from the page', () => {
    let inspected: Inspected;
    let page: Page;
    beforeAll(async () => {
      inspected = shared();
      page = await inspected.open({ ...wide, viewport: { width: 800, height: 700 } });
    });

    test('every forgery has a button', async () => {
      const names = await page
        .locator('.choice.forged')
        .evaluateAll((choices) => choices.map((choice) => (choice as HTMLElement).dataset['name'] ?? ''));
      expect(names.toSorted()).toEqual(everyForgery.map(({ name }) => name).toSorted());
    });

    // The forgeries of a family differ only in their names here.
    test('what a forgery of each family opens shows the reason and the check that it failed', async () => {
      const before = inspected.recorder.last();
      await page.evaluate(
        clickForgeries,
        oneOfEachFamily.map(({ name }) => name),
      );
      // The list learns of a delivery a moment after its result.
      const last = page.locator(`tr[data-id="${inspected.recorder.last()}"]`);
      await last.waitFor({ state: 'attached' });
      const told = new Map((await page.evaluate(readDeliveriesAfter, before)).map((one) => [one.name, one]));
      for (const { name, expected, alternatively } of oneOfEachFamily) {
        const reasons = [expected.reason, alternatively?.reason];
        expect(reasons, name).toContain(told.get(name)?.reason);
        expect(told.get(name)?.asExpected, name).toBe('true');
        const isRefused = told.get(name)?.reason === expected.reason && expected.status === 401;
        if (isRefused && !afterChecks.includes(expected.reason))
          expect(told.get(name)?.failed, name).toEqual([expect.stringContaining(expected.reason)]);
      }
      await picture(page, 'every-forgery');
    });

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
        await expect.poll(() => statusOfGenuine(page)).toBe('200');
      },
      90_000,
    );
  });

/** Sends a genuine event from the page and reads what was answered. */
async function statusOfGenuine(page: Page): Promise<string> {
  await send(page, 'CallConnected');
  const facts = await opened(page).locator('.outcome .facts').innerText();
  return /status (\d+)/.exec(facts)?.[1] ?? facts;
}

/** In the page: clicks ten at a time. */
async function clickForgeries(names: readonly string[]): Promise<void> {
  const all = [...document.querySelectorAll<HTMLElement>('.choice.forged')];
  const choices = all.filter(({ dataset }) => names.includes(dataset['name'] ?? ''));
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  for (let from = 0; from < choices.length; from += 10) {
    const now = choices.slice(from, from + 10);
    for (const choice of now) choice.click();
    await until(() => now.every((choice) => !choice.ariaBusy));
  }
}

/** In the page: opens one delivery after the other and reads it. */
async function readDeliveriesAfter(before: number): Promise<Told[]> {
  const told: Told[] = [];
  const newest = Number(document.querySelector<HTMLElement>('tr[data-id]')?.dataset.id);
  const text = (view: HTMLElement, selector: string) => view.querySelector(selector)?.textContent ?? '';
  for (let id = before + 1; id <= newest; id += 1) {
    location.hash = `#delivery/${id}`;
    const find = () => document.querySelector<HTMLElement>(`article[data-delivery="${id}"]`);
    while (!find()) await new Promise((resolve) => setTimeout(resolve, 1));
    const view = find()!;
    told.push({
      name: text(view, 'h2 bdi'),
      reason: text(view, '.outcome .reason'),
      asExpected: view.querySelector<HTMLElement>('.expected')?.dataset.asExpected,
      failed: [...view.querySelectorAll<HTMLElement>('.check.rejected')].map((check) => check.textContent),
    });
  }
  return told;
}
