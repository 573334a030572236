import { CommandError } from '../../local/cli.ts';
import type {
  CallerAction,
  CallerShown,
  SendAction,
  SendResult,
  State,
} from '../../local/inspector/contract.ts';
import { printable } from '../../local/printable.ts';
import type { Sender } from './catalog.ts';

/** A line of an answer is no longer. Characters. */
const LONGEST_LINE = 64 * 1024;

/**
 * A running `npm start`, which signs with the keys of its fakes and sends.
 *
 * @param page the address of its inspector, with the token
 * @throws CommandError that says what to do where it does not
 */
export async function throughStart(
  page: string,
): Promise<Sender & { readonly act: (line: string) => Promise<CallerShown> }> {
  const response = await ask(new URL('state', page), { method: 'GET' });
  const { genuine, forgeries } = (await stateOf(response)) ?? noStart(page);
  async function order(route: string, action: SendAction | CallerAction): Promise<Response> {
    const answer = await ask(new URL(route, page), {
      method: 'POST',
      // Only its own pages, and programs that can set this header, may make it send.
      headers: { 'content-type': 'application/json', origin: new URL(page).origin },
      body: JSON.stringify(action),
    });
    if (answer.ok) return answer;
    throw new CommandError(`npm start did not do it: ${printable(await faultIn(answer), 300)}`);
  }

  return {
    catalog: { genuine, forgeries },
    act: async (line) => (await (await order('caller', { act: line, by: 'send' })).json()) as CallerShown,
    async send({ event, forge, to, count, rate }, onResult) {
      const action: SendAction = {
        ...(event !== undefined && { event }),
        ...(forge !== undefined && { forge }),
        ...(to !== undefined && { to }),
        ...(count > 1 && { count }),
        ...(rate !== undefined && { rate }),
      };
      for await (const line of linesOf(await order('send', action))) onResult(JSON.parse(line) as SendResult);
    },
  };
}

async function ask(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error' });
  } catch (fault) {
    const { origin } = url;
    throw new CommandError(
      `Nothing answers on ${origin}. Run npm start first, in another terminal; --from says where it listens.`,
      { cause: fault },
    );
  }
}

async function faultIn(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // Not said by it, then.
  }
  return `it answered ${response.status}.`;
}

async function stateOf(response: Response): Promise<State | undefined> {
  if (!response.ok) return undefined;
  try {
    const state = (await response.json()) as State;
    return Array.isArray(state.genuine) && Array.isArray(state.forgeries) ? state : undefined;
  } catch {
    return undefined;
  }
}

function noStart(page: string): never {
  throw new CommandError(
    `What answers on ${new URL(page).origin} is no npm start with fake services of this clone. Run npm start, without --bare; or sign here, with --secret.`,
  );
}

/** One result a line; a single one may lack the end of its line. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  let left = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = `${left}${text}`.split('\n');
    left = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield line;
    if (left.length > LONGEST_LINE)
      throw new CommandError('npm start answered with a line that does not end.');
  }
  if (left.trim() !== '') yield left;
}
