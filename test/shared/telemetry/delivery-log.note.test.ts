import { afterEach, expect, test, vi } from 'vitest';
import { consoleNote } from '../../../shared/telemetry/delivery-log.ts';

afterEach(() => vi.restoreAllMocks());

test.each(['info', 'warn', 'error'] as const)(
  'a note is one line of JSON on the console at its level: %s',
  (level) => {
    const written: unknown[] = [];
    vi.spyOn(console, level).mockImplementation((...parameters) => void written.push(...parameters));
    consoleNote(level, 'keys-refresh-failed', { issuer: 'i', why: 'a\nb', failures: 2 });
    const member = level === 'info' ? '' : `"level":"${level}",`;
    expect(written).toEqual([
      `{"ringward":"keys-refresh-failed",${member}"issuer":"i","why":"a\\nb","failures":2}`,
    ]);
  },
);
