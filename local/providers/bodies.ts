import { jsonElements } from '../../shared/delivery/body.ts';

// What the bodies of Azure's events claim, verified or not: the inspector shows it.

const NAMES_OF_A_CALL = ['callConnectionId', 'serverCallId', 'correlationId'];
const MAX_NAME_LENGTH = 1000;

/** The objects in a JSON body: the elements of an array, or one. */
export function objectsIn(body: Uint8Array): readonly Record<string, unknown>[] {
  const elements = jsonElements(body) ?? [];
  return elements.filter(
    (element): element is Record<string, unknown> => typeof element === 'object' && element !== null,
  );
}

/** The types of events in either schema of Azure. */
export const typesIn = (body: Uint8Array) => objectsIn(body).map(({ type, eventType }) => type ?? eventType);

/** The names of the call that events are about, the most specific first. */
export function callNamesIn(body: Uint8Array): Readonly<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const { data } of objectsIn(body)) {
    if (typeof data !== 'object' || data === null) continue;
    for (const name of NAMES_OF_A_CALL) {
      const value: unknown = Reflect.get(data, name);
      if (typeof value === 'string' && value && value.length <= MAX_NAME_LENGTH) names[name] ??= value;
    }
  }
  return names;
}
