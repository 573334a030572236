import type { RpcTypedData } from './core-api.ts';
import type { HostRequest, Values } from './host-request.ts';

/**
 * The trigger's binding data, from which the library takes the headers and parameters of a streamed request. The host
 * fills it in this order, later entries replacing earlier ones (`GetRequestBindingData` in the HTTP extension): the
 * fields of a JSON body, the query parameters but `code`, the route parameters; and only where nothing is there under
 * that name yet, `Query` and `Headers`.
 *
 * So in streaming mode a caller who sends a parameter or a field named `Headers` replaces what the function sees as its
 * headers, those that the platform adds included. That is how Azure does it, hence so do we.
 */
export function triggerMetadata(
  request: HostRequest,
  params: Record<string, string>,
  body: Uint8Array | undefined,
): Record<string, RpcTypedData> {
  const entries = new Map<string, [string, RpcTypedData]>();
  const set = (name: string, value: RpcTypedData) => {
    const key = name.toLowerCase();
    // Replacing a value keeps the first spelling of its name, as a .NET dictionary does.
    entries.set(key, [entries.get(key)?.[0] ?? name, value]);
  };
  for (const [name, value] of bodyFields(body)) set(name, value);
  for (const { name, values } of request.query.values()) {
    if (name.toLowerCase() !== 'code') set(name, { string: values.at(-1) ?? '' });
  }
  for (const [name, value] of Object.entries(params)) set(name, { string: value });
  if (!entries.has('query'))
    set(
      'Query',
      asJson(request.query, (values) => values.at(-1) ?? ''),
    );
  if (!entries.has('headers'))
    set(
      'Headers',
      asJson(request.headers, (values) => values.join(',')),
    );
  return Object.fromEntries(entries.values());
}

/**
 * Top-level fields of a JSON object, whatever its content type says; not arrays and nulls. None where the body cannot be
 * read, or is nested so deeply that it cannot be written down again.
 */
function bodyFields(body: Uint8Array | undefined): readonly [string, RpcTypedData][] {
  const text = body ? new TextDecoder().decode(body).trim() : '';
  if (!text.startsWith('{') || !text.endsWith('}')) return [];
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>)
      .filter(([, value]) => value !== null && !Array.isArray(value))
      .map(([name, value]) => [name, typedData(value)]);
  } catch {
    return [];
  }
}

function typedData(value: unknown): RpcTypedData {
  if (typeof value === 'object') return { json: JSON.stringify(value) };
  if (typeof value === 'boolean') return { string: value ? 'True' : 'False' };
  return { string: String(value) };
}

function asJson(values: Values, pick: (values: string[]) => string): RpcTypedData {
  return {
    json: JSON.stringify(
      Object.fromEntries([...values.values()].map(({ name, values }) => [name, pick(values)])),
    ),
  };
}
