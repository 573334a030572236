import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** A real browser of this machine, if there is one. */
export const browserFile = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((folder) => names.map((name) => path.join(folder, name)))
  .find(isExecutable);

/** Where there is none, the page is not tried; but CI does without none of it. */
export const isTried = Boolean(browserFile ?? process.env.CI);
export const withBrowser = isTried ? '' : ' (skipped: there is no Chromium on the PATH)';

export async function launch(): Promise<Browser> {
  if (!browserFile) throw new Error(`None of ${names.join(', ')} is on the PATH: .ci/run installs chromium`);
  // Root cannot have a sandbox.
  const args = process.geteuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: browserFile, args });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
