import { randomBytes } from 'node:crypto';
import type { InvocationRequest, RegisteredFunction, RpcHttpData, RpcTypedData } from './functions-core.ts';
import type { HostRequest, Values } from './host-request.ts';
import { httpTrigger } from './routes.ts';

/**
 * The invocation request that the host sends to a worker with the Node worker's capabilities
 * (`RawHttpBodyBytes`, `RpcHttpBodyOnly`, `UseNullableValueDictionaryForHttp`). The trigger's metadata is left out: the
 * library reads it only in streaming mode.
 * @param http the trigger's input.
 */
export function invocationRequest(
  invocationId: string,
  fn: RegisteredFunction,
  request: HostRequest,
  http: RpcHttpData,
): InvocationRequest {
  const [name = ''] = httpTrigger(fn) ?? [];
  return {
    invocationId,
    functionId: fn.id,
    inputData: [{ name, data: { http } }],
    triggerMetadata: {},
    traceContext: traceContext(request),
  };
}

/**
 * Repeated headers and query parameters come joined by commas, without the empty ones; a body only where one was declared.
 * @throws for an empty Host header: there is no URL then.
 */
export function httpInput(
  request: HostRequest,
  params: Record<string, string>,
  body: Uint8Array | undefined,
): RpcHttpData {
  if (request.host === '') throw new Error('Invalid URI: The hostname could not be parsed.');
  const data: RpcTypedData | null = body ? { bytes: body } : null;
  return {
    method: request.method,
    url: `http://${request.host}${request.target}`,
    nullableHeaders: joined(request.headers, (name) => name.toLowerCase()),
    nullableQuery: joined(request.query, (name) => name),
    nullableParams: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { value }])),
    body: data,
  };
}

function joined(values: Values, spell: (name: string) => string) {
  return Object.fromEntries(
    [...values.values()].map(({ name, values }) => [
      spell(name),
      { value: values.filter(Boolean).join(',') },
    ]),
  );
}

/** A span of this request under the caller's trace (https://www.w3.org/TR/trace-context/), or a trace of its own. */
function traceContext({ headers }: HostRequest): InvocationRequest['traceContext'] {
  const parent = headers.get('traceparent')?.values[0] ?? '';
  const [, trace = randomBytes(16).toString('hex'), flags = '00'] =
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(parent) ?? [];
  return {
    traceParent: `00-${trace}-${randomBytes(8).toString('hex')}-${flags}`,
    traceState: headers.get('tracestate')?.values.filter(Boolean).join(',') ?? '',
    attributes: {},
  };
}
