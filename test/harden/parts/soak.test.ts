import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { newBooks } from './soak/books.ts';
import { excess, MIB, phases } from './soak/growth.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('the books of the soak', () => {
  async function books(lines: readonly string[]) {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const journal = path.join(await temporaryFolder(), 'journal');
    await writeFile(journal, '');
    const made = newBooks(journal);
    for (let number = 0; number < 3; number++) made.newId();
    // Read in the middle of a line as well.
    const text = lines.map((line) => `${line}\n`).join('');
    await appendFile(journal, text.slice(0, 9));
    await made.read();
    await appendFile(journal, text.slice(9));
    await made.read();
    made.close();
    return made;
  }
  const each = ['began soak-0 1', 'began soak-1 1', 'began soak-2 1'];

  test.each([
    ['each event once is in order', each, []],
    ['an event that nobody handled is lost', each.slice(0, 2), ['a genuine event was lost: 1']],
    ['an event handled twice is told', [...each, each[0]], ['a genuine event was handled more than once: 1']],
    [
      'a forged event is told',
      [...each, 'began forged 1'],
      ['an event was handled that no genuine request brought: 1'],
    ],
  ])('%s', async (_name, lines, violations) => {
    expect((await books(lines as string[])).violations()).toEqual(violations);
  });
});

describe('the memory of the soak', () => {
  const run = (grown: number, handled: number) =>
    phases(
      Array.from({ length: 24 }, (_, index) => ({
        alive: 40 * MIB + (index > 12 ? grown * MIB : 0),
        resident: 0,
        handled: index > 12 ? handled : 0,
      })),
    );

  test.each([
    ['a little more', 20, 0, false],
    ['more than comes and goes', 30, 0, true],
    ['what the ledger remembers', 60, 100_000, false],
    ['more than it can remember', 80, 10_000_000, true],
  ])('%s: %d MiB after %d events', (_name, grown, handled, tooMuch) => {
    expect(excess(run(grown, handled))).toBe(tooMuch);
  });

  test('a run without a sample is not taken for one without growth', () => {
    expect(excess(phases([]))).toBe(true);
  });
});
