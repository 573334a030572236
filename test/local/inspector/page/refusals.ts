import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { everyForgery } from '../../../support/forgeries.ts';
import { opened, picture, send, wide } from './inspected.ts';
import type { Inspected } from './inspected.ts';

type Told = {
  readonly name: string;
  readonly reason: string;
  readonly asExpected: string | undefined;
  readonly failed: readonly string[];
};
/** An outage of keys or vault starts the app anew. */

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

    test('every forgery has a button, and what it opens shows the reason and the check that it failed', async () => {
      await page.evaluate(clickEveryForgery);
      // The list learns of a delivery a moment after its result.
      const last = page.locator(`tr[data-id="${inspected.recorder.last()}"]`);
      await last.waitFor({ state: 'attached' });
      const told = new Map((await page.evaluate(readEveryDelivery)).map((one) => [one.name, one]));
      for (const { name, expected, alternatively } of everyForgery) {
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
async function clickEveryForgery(): Promise<void> {
  const choices = [...document.querySelectorAll<HTMLElement>('.choice.forged')];
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
async function readEveryDelivery(): Promise<Told[]> {
  const told: Told[] = [];
  const newest = Number(document.querySelector<HTMLElement>('tr[data-id]')?.dataset.id);
  const text = (view: HTMLElement, selector: string) => view.querySelector(selector)?.textContent ?? '';
  for (let id = 1; id <= newest; id += 1) {
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
