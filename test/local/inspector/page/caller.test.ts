import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { testHandlers } from '../../../support/project.ts';
import { withFakes } from '../../../support/fakes.ts';
import { isTried, withBrowser } from './chromium.ts';
import { phone, picture, startInspected } from './inspected.ts';
import type { Inspected } from './inspected.ts';
import { secretsOf, tokenLike } from './secrets.ts';

// The user is the caller, of handlers that have a branch for each action.
describe.skipIf(!isTried)(`the caller on the page${withBrowser}`, () => {
  let inspected: Inspected;
  beforeAll(async () => {
    inspected = await startInspected([testHandlers.greeting, testHandlers.branches]);
  });
  afterAll(() => inspected?.stop());

  const says = (page: Page) => page.locator('.phone .says');
  const noticed = async (page: Page, text: RegExp) => {
    await expect.poll(() => says(page).innerText()).toMatch(text);
  };
  const push = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const steps = async (page: Page) => (await page.locator('.step .type').allInnerTexts()).join(' ');

  test('calls the app, opens the call, presses a key, says a choice, and the call is over', async () => {
    const page = await inspected.open();
    expect(await page.locator('.phone').isVisible()).toBe(false);
    await push(page, 'Call your app');
    await noticed(page, /^The app asked for digits \(1 at most\), 300 s\.$/);
    await picture(page, 'caller');
    await push(page, '1');
    await noticed(page, /choice: Sales \(1\), Support \(2\)/);
    await page.getByLabel('What the caller says').fill('sales');
    await page.keyboard.press('Enter');
    await noticed(page, /^The call is over: the app ended it\.$/);
    expect(await page.locator('.keypad').isVisible()).toBe(false);
    await expect
      .poll(() => steps(page))
      .toMatch(/IncomingCall .*CallConnected .*RecognizeCompleted .*RecognizeCompleted .*CallDisconnected/);
    // The field that had the focus is gone.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Call your app');
  });

  test('stays silent, lets a transfer fail, and hangs up', async () => {
    const page = await inspected.open();
    await push(page, 'Call your app');
    await noticed(page, /digits/);
    await push(page, '2');
    await noticed(page, /transfers the call to 8:acs:clerk/);
    await push(page, 'Transfer fails');
    await noticed(page, /digits/);
    await push(page, 'Hang up');
    await expect.poll(() => steps(page)).toMatch(/CallTransferFailed .*CallDisconnected/);
    await push(page, 'Call your app');
    await noticed(page, /digits/);
    await push(page, 'Stay silent');
    await expect.poll(() => steps(page)).toMatch(/RecognizeFailed .*CallDisconnected/);
  });

  test('says why an action has no effect, and finds the way back to the call', async () => {
    const page = await inspected.open();
    await push(page, 'Call your app');
    await noticed(page, /digits/);
    await push(page, 'Transfer succeeds');
    await expect
      .poll(() => page.locator('.trouble').innerText())
      .toBe('The app has not asked to transfer the call.');
    await page.getByRole('link', { name: 'Send' }).click();
    await expect.poll(() => page.locator('.phone').isVisible()).toBe(false);
    // The refused action is past.
    expect(await page.locator('.trouble').isVisible()).toBe(false);
    await page
      .getByRole('button', { name: /^Your call of \d\d:\d\d:\d\d: the app asked for digits/ })
      .click();
    await noticed(page, /digits/);
    await push(page, 'Transfer fails');
    await expect.poll(() => page.locator('.trouble').isVisible()).toBe(true);
    await push(page, '9');
    await expect.poll(() => page.locator('.trouble').isVisible()).toBe(false);
    await push(page, 'Hang up');
    await noticed(page, /^The call is over: the caller hung up\.$/);
  });

  test('the phone is used by keyboard, and fits a screen of 360 pixels', async () => {
    const page = await inspected.open(phone);
    await page.getByRole('button', { name: 'Call your app' }).focus();
    await page.keyboard.press('Enter');
    await noticed(page, /digits/);
    await picture(page, 'phone-caller');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.getByRole('button', { name: '2', exact: true }).focus();
    await page.keyboard.press('Space');
    await noticed(page, /transfer/);
    await page.getByRole('button', { name: 'Transfer succeeds' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => steps(page)).toMatch(/CallTransferAccepted .*CallDisconnected/);
  });

  test('the browser complains about nothing, and no secret is in what it saw', () => {
    // Two refused actions.
    expect(inspected.seen.flatMap(({ complaints }) => complaints)).toEqual([
      expect.stringContaining('409 (Conflict)'),
      expect.stringContaining('409 (Conflict)'),
    ]);
    const all = inspected.seen.flatMap((seen) => seen.told).join('\n');
    expect(all).toContain('asked for digits');
    for (const [name, secret] of Object.entries(secretsOf(withFakes(inspected.cloud))))
      expect(all.includes(secret), name).toBe(false);
    expect(all.match(tokenLike)).toBeNull();
  });
});
