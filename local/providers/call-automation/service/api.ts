import type { IncomingMessage, ServerResponse } from 'node:http';
import { faults } from '../../../fakes/faults.ts';
import type { Fault } from '../../../fakes/faults.ts';
import type { ManagedIdentity } from '../../../fakes/managed-identity.ts';
import { signerOf } from './authentication.ts';
import type { Signer } from './authentication.ts';
import { refused } from './operation.ts';
import { findOperation } from './operations.ts';
import type { Answer, Body, Service } from './model.ts';

/** A request that the API answered. */
export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | null;
  readonly headers: IncomingMessage['headers'];
  readonly body: Body;
  /** Undefined where the API refused the request. */
  readonly signer: Signer | undefined;
  readonly status: number;
};

/**
 * The REST API over HTTP: authentication, operations and faults.
 *
 * @param begin marks a request as pending until the events that it causes are queued
 */
export function api(options: {
  identity: ManagedIdentity;
  accessKey: string;
  service: Service;
  begin: () => () => void;
}) {
  const { service, begin } = options;
  const requests: ApiRequest[] = [];
  const repeatable = new Map<string, Answer>();
  let fault: Fault | undefined;
  let losing = false;

  async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (fault) return void faults[fault](response);
    const raw = Buffer.concat(await request.toArray());
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const { headers, method = '' } = request;
    const signer = signerOf(request, raw, options);
    const body = parsed(raw);
    const apiVersion = searchParams.get('api-version');
    const answer = answerTo();
    requests.push({ method, path, apiVersion, headers, body: body ?? {}, signer, status: answer.status });
    const end = begin();
    response.once('close', () => {
      answer.follow?.();
      end();
    });
    if (losing) response.destroy();
    else write(response, answer);
    losing = false;

    function answerTo(): Answer {
      if (!signer) return refused(401, 'Denied', 'Denied by the resource provider.');
      if (!apiVersion) return refused(400, 'MissingApiVersionParameter', 'api-version is required.');
      if (!body) return refused(400, '8500', 'The body is not a JSON object.');
      const found = findOperation(method, path);
      if (!found) return refused(404, 'NotFound', 'No such operation.');
      const operate = () => found.operation(body, service, found.params);
      return once(headers['repeatability-request-id'], operate);
    }
  }

  /** A repeat after a lost answer has no second effect, and gets the same answer. */
  function once(id: string | string[] | undefined, operate: () => Answer): Answer {
    if (typeof id !== 'string') return operate();
    const before = repeatable.get(id);
    if (before) return before;
    const answer = operate();
    if (answer.status < 300) repeatable.set(id, { status: answer.status, body: answer.body });
    return answer;
  }

  return {
    listener: (request: IncomingMessage, response: ServerResponse) =>
      void listen(request, response).catch(() => response.destroy()),
    requests: (): readonly ApiRequest[] => [...requests],
    /** Every request meets this fault from now on; without one, the service works. */
    play: (next?: Fault) => {
      fault = next;
    },
    /** Executes the next request, and loses its answer. */
    loseAnswer: () => {
      losing = true;
    },
  };
}

/** Undefined where it is no JSON object; operations without a body have an empty one. */
function parsed(raw: Buffer): Body | undefined {
  if (raw.length === 0) return {};
  try {
    const value: unknown = JSON.parse(raw.toString());
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
