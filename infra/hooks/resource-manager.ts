import type { SignIn } from './azd.ts';
import { NotYet } from './patience.ts';
import type { Wait } from './patience.ts';

/** Azure Resource Manager of the public cloud. */
const PUBLIC_CLOUD = 'https://management.azure.com';
/** Milliseconds between two questions, and how often is asked: ten minutes in all. */
const PAUSE = 5000;
const QUESTIONS = 120;

type State = {
  status?: string;
  error?: { code?: string; message?: string };
  properties?: { provisioningState?: string };
};

/** The handshake of a subscription was answered 401. */
export class HandshakeUnauthorized extends NotYet {
  override readonly name = 'HandshakeUnauthorized';
}

/**
 * Puts a resource, and waits until it is there. The body goes to Azure directly and not through a deployment, whose history
 * would keep what is in it.
 *
 * @param path the ARM id, with `?api-version=…`
 * @param options.manager Azure Resource Manager of the cloud; `audience` is what it is called in a token
 * @throws NotYet where the service accepted the request and could not do it, as when a handshake failed, and where a role
 *   may not be effective yet; otherwise an Error. Neither holds anything but the service's own code.
 */
export async function put(
  path: string,
  body: unknown,
  {
    signIn,
    wait,
    manager = PUBLIC_CLOUD,
    audience = PUBLIC_CLOUD,
  }: { signIn: SignIn; wait: Wait; manager?: string; audience?: string },
): Promise<void> {
  const headers = {
    authorization: `Bearer ${await signIn(`${audience}/.default`)}`,
    'content-type': 'application/json',
  };
  const ask = (url: string, init: RequestInit) => fetch(url, { ...init, headers, redirect: 'error' });

  const answer = await ask(manager + path, { method: 'PUT', body: JSON.stringify(body) });
  const state = await stateOf(answer);
  if (!answer.ok) throw failure(answer.status, state);
  const operation = answer.headers.get('azure-asyncoperation') ?? manager + path;
  if (new URL(operation).origin !== new URL(manager).origin)
    throw new Error('Azure sent us to another origin');

  let current = state;
  for (let left = QUESTIONS; left > 0; left--) {
    const status = current.status ?? current.properties?.provisioningState;
    if (status === 'Succeeded') return;
    if (status === 'Failed' || status === 'Canceled') throw failure(200, current);
    await wait(PAUSE);
    const next = await ask(operation, {});
    current = await stateOf(next);
    if (!next.ok && next.status !== 429 && next.status < 500) throw failure(next.status, current);
  }
  throw new Error('Azure did not come to an end within ten minutes');
}

async function stateOf(response: Response): Promise<State> {
  try {
    return ((await response.json()) ?? {}) as State;
  } catch {
    return {};
  }
}

/** What a second try may fix, in contrast to what is wrong with the request. */
function failure(status: number, { error = {} }: State): Error {
  const code = /^[\w ]{1,64}$/.exec(error.code ?? '')?.[0] ?? 'no code';
  const message = `Azure answered ${status < 300 ? 'that it failed' : status} (${code})`;
  // Event Grid's message quotes the address, which may have the key in it: it is read and never shown.
  const isHandshake = /validation/i.test(code);
  if (isHandshake && /response code (?:Unauthorized|401)\b/i.test(error.message ?? ''))
    return new HandshakeUnauthorized(message);
  if (status === 401 || status === 403) return new NotYet(`${message}: no right to do it, or not yet`);
  const mayPass = status < 300 || status === 429 || status >= 500 || isHandshake;
  return mayPass ? new NotYet(message) : new Error(message);
}
