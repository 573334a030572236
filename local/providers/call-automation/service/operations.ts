import { beginnings, connectionOperations } from './connections.ts';
import { mediaOperations } from './media.ts';
import type { Operation } from './operation.ts';
import { participantOperations } from './participants.ts';
import { recordingOperations } from './recordings.ts';
import { streamOperations } from './streams.ts';
import { telephonyOperations } from './telephony.ts';

/**
 * Every operation of the REST API that the SDK calls, and those that list what the resource has.
 * https://learn.microsoft.com/rest/api/communication/callautomation/operation-groups
 */
const operations = Object.entries({
  ...beginnings,
  ...connectionOperations,
  ...participantOperations,
  ...mediaOperations,
  ...streamOperations,
  ...recordingOperations,
  ...telephonyOperations,
}).map(([route, operation]) => ({ pattern: patternOf(route), operation }));

/** The operation at a path, and the values of the names in braces. */
export function findOperation(
  method: string,
  path: string,
): { readonly operation: Operation; readonly params: readonly string[] } | undefined {
  for (const { pattern, operation } of operations) {
    const [found, ...params] = pattern.exec(`${method} ${path}`) ?? [];
    if (found !== undefined) return { operation, params: params.map(decodeURIComponent) };
  }
  return undefined;
}

/** A colon ends an id and begins an action. The SDK writes the colons of raw ids as %3A. */
function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replaceAll(/\{\w+\}/g, '([^/:]+)')}$`);
}
