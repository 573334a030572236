import { settingsTable } from '../settings.ts';
import type { Environment } from '../settings.ts';
import type { Note } from '../telemetry/note.ts';
import { unknownNames } from './unknown-names.ts';

/** Tells at the start what is no fault, and yet hardly meant. */
export function warnAtStart(environment: Environment, note: Note): void {
  for (const { name, meant } of unknownNames(environment, Object.keys(settingsTable))) {
    note('warn', 'setting-unknown', { name, ...(meant && { meant }) });
  }
}
