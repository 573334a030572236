import type { Environment } from '../shared/settings/table.ts';
import type { Note } from '../shared/telemetry/delivery-log.ts';

const BODY_LIMIT = 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT';

/**
 * Warns at start, outside Development, if the Functions host buffers bodies of up to 100 MB. It does so before the app runs,
 * so that no check of ours can refuse them.
 * https://learn.microsoft.com/azure/azure-functions/functions-app-settings#functions_request_body_size_limit
 */
export function warnOfBodyLimit(environment: Environment, isDevelopment: boolean, note: Note): void {
  // The host ignores what is no number.
  if (isDevelopment || /^\d+$/.test(environment[BODY_LIMIT] ?? '')) return;
  note('warn', 'body-limit-missing', {
    setting: BODY_LIMIT,
    why: 'without it the Functions host keeps up to 100 MB of each request in memory, before any check: set it to 2097152',
  });
}
