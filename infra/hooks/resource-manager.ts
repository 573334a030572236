import type { SignIn } from './azd.ts';
import { NotYet } from './patience.ts';
import type { Wait } from './patience.ts';

/** Azure Resource Manager of the public cloud. */
const PUBLIC_CLOUD = 'https://management.azure.com';
/** Milliseconds between two questions, and how often is asked: ten minutes in all. */
const PAUSE = 5000;
const QUESTIONS = 120;

type State = { status?: string; error?: { code?: string }; properties?: { provisioningState?: string } };

/**
 * Puts a resource, and waits until it is there. The body goes to Azure directly and not through a deployment, whose history
 * would keep what is in it.
 *
 * @param path the ARM id, with `?api-version=…`
 * @throws NotYet where the service took the request and could not do it, as when a handshake failed; otherwise an Error.
 *   Neither holds anything but the service's own code.
 */
export async function put(
  path: string,
  body: unknown,
  { signIn, wait, manager = PUBLIC_CLOUD }: { signIn: SignIn; wait: Wait; manager?: string },
): Promise<void> {
  const headers = {
    authorization: `Bearer ${await signIn(`${PUBLIC_CLOUD}/.default`)}`,
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

/** What a second try may mend, as against what is wrong with the request or with the rights. */
function failure(status: number, state: State): Error {
  const code = /^[\w ]{1,64}$/.exec(state.error?.code ?? '')?.[0] ?? 'no code';
  const mayPass = status < 300 || status === 429 || status >= 500 || /validation/i.test(code);
  const message = `Azure answered ${status < 300 ? 'that it failed' : status} (${code})`;
  return mayPass ? new NotYet(message) : new Error(message);
}
