import { setTimeout as wait } from 'node:timers/promises';
import { post } from '../../local/http/request.ts';
import type { OutgoingRequest } from '../../local/http/request.ts';
import { askToUpgrade } from '../../local/http/sockets.ts';
import type { Expected, Verdict } from './report.ts';

/** The answer to a request. */
export type Answer = {
  /** Of the HTTP answer, or the code with which a WebSocket was closed; `null` where there was none. */
  readonly status: number | null;
  readonly end: 'answered' | 'hung' | 'broken-connection';
  readonly milliseconds: number;
  /** Nobody but the sender can have made the request. */
  readonly isOfSender?: boolean;
};

/** A receiver that verifies once a WebSocket is open closes it within this time. */
const CLOSED_WITHIN_MS = 1000;
/** RFC 6455: the opcode of a frame that closes, with FIN; and what counts as closed where no code is given. */
const CLOSE_FRAME = 0x88;
const NO_CODE = 1005;

/** Sends a request, or asks for a WebSocket where its URL is one. Never throws. */
export async function exchange(request: OutgoingRequest, timeoutMs: number): Promise<Answer> {
  const started = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const status = request.url.startsWith('ws')
      ? await upgraded(request, signal)
      : (await post(request, signal)).status;
    return { status, end: 'answered', milliseconds: performance.now() - started };
  } catch {
    const end = signal.aborted ? 'hung' : 'broken-connection';
    return { status: null, end, milliseconds: performance.now() - started };
  }
}

async function upgraded(request: OutgoingRequest, signal: AbortSignal): Promise<number> {
  const { status, firstBytes, closed, hangUp } = await askToUpgrade(request, { hold: true, signal });
  if (status !== 101) return status;
  const stays = new AbortController();
  const code = await Promise.race([
    firstBytes.then(closeCode),
    closed.then(() => NO_CODE),
    wait(CLOSED_WITHIN_MS, undefined, { signal: stays.signal }),
  ]);
  stays.abort();
  hangUp();
  return code ?? status;
}

function closeCode(frame: Uint8Array): number | undefined {
  if (frame[0] !== CLOSE_FRAME) return undefined;
  return frame.length >= 4 ? Buffer.from(frame).readUInt16BE(2) : NO_CODE;
}

/** Codes of a WebSocket begin at 1000: one that is closed at once was refused. */
const isAccepted = (status: number) => (status >= 200 && status < 300) || status === 101;
const isRefusal = (status: number) => (status >= 400 && status < 500) || status >= 1000;
const isLater = (status: number) => status >= 500 && status < 600;

export function verdictOn({ status, end, isOfSender = false }: Answer, expected: Expected): Verdict {
  if (end !== 'answered' || status === null) return end === 'hung' ? 'hung' : 'broken-connection';
  if (expected === 'accepted') {
    if (isAccepted(status)) return 'right';
    return isRefusal(status) ? 'refused-wrongly' : 'wrong-status';
  }
  if (isAccepted(status)) return isOfSender ? 'too-lenient' : 'accepted-wrongly';
  const isRight = (expected !== 'later' && isRefusal(status)) || (expected !== 'refused' && isLater(status));
  return isRight ? 'right' : 'wrong-status';
}
