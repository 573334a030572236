import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LOOPBACK } from '../http/loopback.ts';
import { sendMany } from '../send-many.ts';
import type { Target } from '../target.ts';
import type { OutageAction, Part, RotationAction, SendAction, State } from './contract.ts';
import { curlCommand } from './curl.ts';
import { isOwn, SAFE_HEADERS } from './guard.ts';
import { NotReplayable, pathOf } from './stored-delivery.ts';
import type { StoredDelivery } from './stored-delivery.ts';
import type { Live } from './live.ts';
import type { FakeCallers } from '../caller.ts';
import { CallerError } from '../providers/call-automation/service/recognition.ts';
import { callerAction, MAX_PER_SECOND, replayAction, sendAction } from './actions.ts';
import type { PageFile } from './page-files.ts';
import type { Recorder } from './recorder.ts';
import { replay } from './replay.ts';
import { isWholeCall } from './send.ts';
import type { Sender } from './send.ts';
import { callView, detail } from './serialize.ts';

export type Inspector = {
  readonly port: () => number;
  /** Part of the address of the page. Without it nothing is answered. */
  readonly token: string;
  /** The apps that `to` of an order may name, besides those on this machine: origins. */
  readonly sendTo: readonly string[];
  readonly files: ReadonlyMap<string, PageFile>;
  readonly recorder: Recorder;
  readonly live: Live;
  readonly state: () => State;
  readonly target: Target;
  readonly send: Sender;
  readonly callers: FakeCallers;
  /** The names of a delivery's checks, in their order. */
  readonly checkNames: (delivery: StoredDelivery) => readonly string[];
  readonly setOutage: (part: Part, out: boolean) => Promise<void>;
  readonly rotate: (part: RotationAction['part']) => Promise<void>;
};

/** The folder of the page and of its API. */
export const inspectorPath = (token: string) => `/inspector/${token}/`;

/** Orders with a count that run at once. */
const MAX_ORDERS = 4;
let runningOrders = 0;

/** An edited body is the longest action. */
const MAX_ACTION_BYTES = 2 * 1024 * 1024;

/** A request that cannot be served, with a sentence for the user. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Whether a target is the inspector's. Every other one is the app's. */
export const isInspectors = (target = '') => {
  const path = pathOf(target);
  return path === '/' || path === '/inspector' || path.startsWith('/inspector/');
};

/** The path below the inspector's folder, with a slash before it; `undefined` without the right token. */
function pathIn(pathname: string, token: string): string | undefined {
  const folder = Buffer.from(inspectorPath(token));
  const given = Buffer.from(pathname.slice(0, folder.length));
  const isRight = given.length === folder.length && timingSafeEqual(given, folder);
  return isRight ? pathname.slice(folder.length - 1) : undefined;
}

/** Answers a request to the inspector. Other machines, other pages and requests without the token get a constant 403. */
export async function answerInspector(
  inspector: Inspector,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOwn(request, inspector.port())) return json(response, 403, { error: 'forbidden' });
  try {
    await answer(inspector, request, response);
  } catch (fault) {
    if (response.headersSent) return void response.destroy();
    if (fault instanceof Refused) return json(response, fault.status, { error: fault.message });
    if (fault instanceof NotReplayable || fault instanceof CallerError)
      return json(response, 409, { error: fault.message });
    // Something else that was thrown may quote what was sent.
    console.error(
      `The inspector could not answer: ${fault instanceof Error ? fault.stack : 'something was thrown'}`,
    );
    json(response, 500, { error: 'npm start could not do that; its terminal says why.' });
  }
}

async function answer(
  inspector: Inspector,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '/' } = request;
  const { pathname: whole, searchParams } = new URL(url, 'http://localhost');
  const pathname = pathIn(whole, inspector.token);
  if (pathname === undefined) throw new Refused(403, 'Open the address that npm start printed.');
  if (method === 'GET') return read(inspector, pathname, searchParams, response);
  if (method !== 'POST') throw new Refused(405, 'There is only GET and POST here.');
  const action = await actionOf(request);
  const { recorder, target } = inspector;
  switch (pathname) {
    case '/send':
      return send(inspector, sendAction(action) ?? malformed(), response);
    case '/replay':
      return json(response, 200, await replay(replayAction(action) ?? malformed(), target, recorder));
    case '/outages': {
      const { part, out } = action as Partial<OutageAction>;
      if (!isPart(part) || typeof out !== 'boolean') malformed();
      await inspector.setOutage(part, out);
      return json(response, 200, inspector.state());
    }
    case '/rotations': {
      const { part } = action as Partial<RotationAction>;
      if (part !== 'keys' && part !== 'vault') malformed();
      await inspector.rotate(part);
      return json(response, 200, inspector.state());
    }
    case '/caller': {
      const { act, by, call } = callerAction(action) ?? malformed();
      return json(response, 200, await inspector.callers.act(act, by, call));
    }
    default:
      throw new Refused(404, 'There is nothing here.');
  }
}

function read(
  inspector: Inspector,
  pathname: string,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const { files, recorder, live, state, checkNames } = inspector;
  const file = files.get(pathname);
  if (file) {
    response.writeHead(200, { ...SAFE_HEADERS, 'content-type': file.type });
    return void response.end(file.content);
  }
  if (pathname === '/state') return json(response, 200, state());
  if (pathname === '/live')
    return live.open(response, Number(/^\d{1,12}$/.exec(query.get('after') ?? '')?.[0] ?? 0));
  const [, what, name = '', curl] = /^\/(deliveries|calls)\/([^/]+)(\/curl)?$/.exec(pathname) ?? [];
  if (what === 'deliveries') {
    const delivery = /^\d{1,12}$/.test(name) ? recorder.get(Number(name)) : undefined;
    if (delivery && curl)
      return json(response, 200, { command: curlCommand(delivery, state().baseUrl, recorder.get) });
    if (delivery) return json(response, 200, detail(delivery, checkNames, recorder.get));
  }
  if (what === 'calls' && !curl) {
    const call = recorder.call(decoded(name));
    if (call) return json(response, 200, callView(call, recorder.get));
  }
  throw new Refused(404, 'There is nothing here, or it is no longer kept.');
}

async function send(inspector: Inspector, action: SendAction, response: ServerResponse): Promise<void> {
  const { event, forge, to, count, rate } = action;
  const name = forge ?? event ?? '';
  const target = to === undefined ? inspector.target : elsewhere(inspector, to);
  const once = inspector.send(name, target);
  if (!once)
    throw new Refused(
      400,
      to && isWholeCall(name)
        ? 'A whole call can only be played here.'
        : `Nothing is called ${JSON.stringify(name)}.`,
    );
  if (count === undefined) return json(response, 200, await once());
  if (isWholeCall(name)) throw new Refused(400, 'A whole call is played once at a time.');

  if (runningOrders >= MAX_ORDERS) throw new Refused(429, `${MAX_ORDERS} orders run already.`);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'application/x-ndjson' });
  runningOrders++;
  try {
    await sendMany({
      send: once,
      count,
      rate: rate ?? MAX_PER_SECOND,
      signal: gone.signal,
      async onResult(result) {
        if (gone.signal.aborted || response.write(`${JSON.stringify(result)}\n`)) return;
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      },
    });
  } finally {
    runningOrders--;
  }
  response.end();
}

/** Another app, with the same paths: on this machine, or one that the command line names. */
function elsewhere({ target, sendTo }: Inspector, to: string): Target {
  const url = URL.parse(to);
  const isHere = url?.protocol === 'http:' || url?.protocol === 'https:' ? LOOPBACK.has(url.hostname) : false;
  if (!url || !(isHere || sendTo.includes(url.origin))) {
    throw new Refused(
      400,
      '`to` must be an app on this machine, or one that npm start was told of: npm start -- --send-to <url>',
    );
  }
  const baseUrl = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  return { ...target, baseUrl, mediaUrl: `${baseUrl.replace(/^http/, 'ws')}/media` };
}

async function actionOf(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ACTION_BYTES) throw new Refused(413, 'That is too long.');
    chunks.push(chunk);
  }
  try {
    const action: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof action === 'object' && action !== null) return action;
  } catch {
    // The parser's own message quotes what it was given.
  }
  return malformed();
}

function malformed(): never {
  throw new Refused(400, 'That is no order: see the contract in local/inspector/contract.ts.');
}

const isPart = (part: unknown): part is Part => part === 'keys' || part === 'vault' || part === 'ledger';

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...SAFE_HEADERS, 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
