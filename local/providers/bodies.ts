import { jsonElements } from '../../shared/delivery/body.ts';

// What the bodies of events claim, verified or not: the inspector shows it and sends it again.

const NAMES_OF_A_CALL = ['callConnectionId', 'serverCallId', 'correlationId'];
const MAX_NAME_LENGTH = 1000;

/** The objects in a JSON body: the elements of an array, or one. */
export function objectsIn(body: Uint8Array): readonly Record<string, unknown>[] {
  const elements = jsonElements(body) ?? [];
  return elements.filter(
    (element): element is Record<string, unknown> => typeof element === 'object' && element !== null,
  );
}

/** A body with each of its objects changed, an array or a single one as before; `undefined` where it holds none. */
export function withObjects(
  body: Uint8Array,
  change: (object: Record<string, unknown>) => object,
): Uint8Array | undefined {
  const changed = objectsIn(body).map(change);
  const isArray = Buffer.from(body).toString().trimStart().startsWith('[');
  return changed.length > 0 ? Buffer.from(JSON.stringify(isArray ? changed : changed[0])) : undefined;
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
