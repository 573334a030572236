import { settingsTable } from '../settings.ts';
import type { Environment, Settings } from '../settings.ts';
import type { Note } from '../telemetry/delivery-log.ts';
import { unknownNames } from './unknown-names.ts';

/** Limits of the platform's library (`@azure/functions`), each seen there; docs/security.md has them at length. */
const STREAMING =
  "in the platform's streaming mode a query parameter or a member of the body called headers replaces the headers that the app sees, so that such a request has no source address that counts, and one with a line break in that member hangs: set HTTP_STREAM to off unless you need it (docs/security.md)";

/** Tells at the start what is no fault, and yet hardly meant. */
export function warnAtStart(settings: Settings, environment: Environment, note: Note): void {
  for (const { name, meant } of unknownNames(environment, Object.keys(settingsTable))) {
    note('warn', 'setting-unknown', { name, ...(meant && { meant }) });
  }
  if (settings.HTTP_STREAM === 'on') note('warn', 'http-stream-on', { why: STREAMING });
}
