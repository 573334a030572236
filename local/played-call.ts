import { randomBytes } from 'node:crypto';
import { newReference } from '../shared/calls/callback-uri.ts';
import type { Reason } from '../shared/reasons.ts';
import type { DeliveryLine } from '../shared/telemetry/delivery-record.ts';
import { mintCallbackKey } from '../shared/verification/callback-key.ts';
import { forgeries, forgeryFamilies } from './forgeries.ts';
import type { Forgery, Genuine } from './forgeries/forgery.ts';
import { post } from './request.ts';
import type { OutgoingRequest } from './request.ts';
import type { Acs } from './stand-ins/acs.ts';
import { newCall } from './stand-ins/call.ts';
import type { Row } from './table.ts';

/** What the play needs to know of the app it is played to. */
export type Stage = {
  readonly acs: Acs;
  /** A new callback URI of the app. */
  readonly callbackUri: () => Promise<string>;
  /** The app's own secret for callback keys. */
  readonly callbackSecret: string;
  /** The line that the app logged for an invocation. */
  readonly lineOf: (invocation: string) => Promise<DeliveryLine>;
  readonly onRow: (row: Row) => void;
};

type Expected = { readonly status: number; readonly reason?: Reason; readonly outcome?: string };

/** One call from its first event to its last, with a redelivery in between. */
export async function playCall(stage: Stage): Promise<void> {
  const call = newCall();
  const uri = await stage.callbackUri();
  const connected = callback(stage.acs, uri, [call.event('CallConnected')]);
  const again = { ...connected, headers: callback(stage.acs, uri, []).headers };

  await send(stage, 'CallConnected', connected, { status: 200, outcome: 'handled' });
  await send(stage, 'CallConnected, delivered again', again, { status: 200, outcome: 'handled-before' });
  for (const name of ['PlayCompleted', 'CallDisconnected'] as const) {
    await send(stage, name, callback(stage.acs, uri, [call.event(name)]), {
      status: 200,
      outcome: 'handled',
    });
  }
}

/** Every attack of the table, each on a call of its own. */
export async function playForgeries(stage: Stage, onFamily: (family: string) => void): Promise<void> {
  const uri = await stage.callbackUri();
  const play = ({ name, expected, forge }: Forgery) => {
    // An event that nobody has seen yet: a forgery that got in would be handled, and not pass for a repeat.
    const request = callback(stage.acs, uri, [newCall().event('CallConnected')]);
    return send(stage, name, forge(genuine(stage, request)), expected);
  };
  // Those that wait for the issuer go out first, and their wait passes while the others are tried.
  const waiting = forgeries.filter(({ waits }) => waits).map(play);
  for (const [family, members] of Object.entries(forgeryFamilies)) {
    onFamily(family);
    for (const forgery of members) if (!forgery.waits) await play(forgery);
  }
  onFamily(
    'Keys that nobody knows: answered when the issuer was asked again, ten seconds after the last time',
  );
  await Promise.all(waiting);
}

/** A request as Call Automation sends it: a JSON array of events under a new token. */
export function callback(acs: Acs, uri: string, events: readonly unknown[]): OutgoingRequest {
  return {
    url: uri,
    headers: [
      ['authorization', `Bearer ${acs.token()}`],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify(events),
  };
}

export function genuine(
  { acs, callbackSecret }: Pick<Stage, 'acs' | 'callbackSecret'>,
  request: OutgoingRequest,
): Genuine {
  return {
    request,
    acs,
    mintKey: ({ purpose = 'callback', expiresIn = 3600, secret = callbackSecret, kid = 'dev' } = {}) =>
      mintCallbackKey({ kid, secret: Buffer.from(secret) }, purpose, {
        reference: newReference(),
        expires: Math.floor(Date.now() / 1000) + expiresIn,
      }),
  };
}

export const newCallbackSecret = () => randomBytes(32).toString('base64url');

async function send(stage: Stage, sent: string, request: OutgoingRequest, expected: Expected): Promise<void> {
  const { status, headers, milliseconds } = await post(request);
  const line = await stage.lineOf(String(headers['x-ms-invocation-id']));
  const outcome = Object.keys(line.outcomes ?? {}).join(', ');
  const asExpected =
    status === expected.status && line.reason === expected.reason && outcome === (expected.outcome ?? '');
  stage.onRow({
    sent,
    verdict: line.verdict,
    reason: line.reason ?? outcome,
    status,
    milliseconds,
    asExpected,
  });
}
